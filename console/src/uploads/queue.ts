/** Which file of an upload does what, and what comes next. Pure. */

export type State =
  | 'new' // not looked at yet
  | 'checking' // is its name free?
  | 'asking' // the name is taken: a person decides
  | 'waiting' // for its turn
  | 'sending'
  | 'trying' // the connection broke; it goes on by itself
  | 'paused'
  | 'done'
  | 'skipped'
  | 'failed'

export type Item<Target> = {
  id: string
  /** Files that were dropped or picked together: an answer for all others is for these. */
  batch: number
  target: Target
  /** As people know it: the path below the folder that it was dropped on. */
  name: string
  sizeBytes: number
  sentBytes: number
  state: State
  /** Whether it may replace a file. */
  mayReplace: boolean
  /** What is under its name now, while a person decides. */
  taken: 'file' | 'other' | null
  error: unknown
  /** How often its name was found taken. */
  conflicts: number
  /** The bytes sent in vain, because somebody took the name meanwhile. */
  lostBytes: number
}

export type Answer<Target> = { how: 'replace' } | { how: 'skip' } | { how: 'beside'; target: Target; name: string }

export type Change<Target> =
  | { type: 'added'; items: readonly Item<Target>[] }
  | { type: 'checking'; id: string }
  | { type: 'free'; id: string }
  | { type: 'taken'; id: string; by: 'file' | 'other' }
  | { type: 'answered'; id: string; answer: Answer<Target> }
  | { type: 'begun'; id: string }
  | { type: 'sent'; id: string; bytes: number }
  | { type: 'broken'; id: string; error: unknown }
  | { type: 'done'; id: string }
  | { type: 'failed'; id: string; error: unknown; code: string }
  | { type: 'pause' | 'resume'; id: string | 'all' }
  | { type: 'cancelled'; id: string | 'all' }
  | { type: 'cleared' }

export const sendingAtMost = 3
const checkingAtMost = 3
const conflictsAtMost = 3

/** The service would refuse the next ones for the same reason: they wait until somebody has seen it. */
const holding = ['forbidden', 'no-room', 'storage-full', 'too-many-at-once', 'data-root-not-proven']

/** The name is taken after all: somebody else was quicker. */
const conflicting = ['precondition-failed', 'file-exists']

const ended: readonly State[] = ['done', 'skipped', 'failed']
const idle: readonly State[] = ['new', 'checking', 'waiting']
const moving: readonly State[] = ['sending', 'trying']
const resumable: readonly State[] = ['paused', 'failed']

export const hasEnded = ({ state }: { state: State }) => ended.includes(state)
/** Nothing is left to do for it, and nothing to cancel. */
const isOver = ({ state }: { state: State }) => state === 'done' || state === 'skipped'
const isIdle = ({ state }: { state: State }) => idle.includes(state)
export const isMoving = ({ state }: { state: State }) => moving.includes(state)
export const mayPause = ({ state }: { state: State }) => moving.includes(state) || idle.includes(state)
export const mayResume = ({ state }: { state: State }) => resumable.includes(state)

/** A file that is new in the queue. `isFree`: nothing seems to have its name, so it is sent without a look. */
export function newItem<Target>(
  given: Pick<Item<Target>, 'id' | 'batch' | 'target' | 'name' | 'sizeBytes'> & { isFree: boolean },
): Item<Target> {
  const { isFree, ...rest } = given
  return {
    ...rest,
    sentBytes: 0,
    state: isFree ? 'waiting' : 'new',
    mayReplace: false,
    taken: null,
    error: null,
    conflicts: 0,
    lostBytes: 0,
  }
}

/**
 * The files of this page, in the order in which they came. A change of one file looks at a few files, however many there are: with 20,000
 * files there are some 100,000 changes.
 */
export class UploadQueue<Target> {
  #items: Item<Target>[]
  #at = new Map<string, number>()
  #count = noneYet()
  #bytes = 0
  #bytesSent = 0
  /** No file before it is in that state. */
  #from = { new: 0, waiting: 0 }

  /** @param items belong to the queue from now on */
  constructor(items: Item<Target>[] = []) {
    this.#items = items
    this.#countAll()
  }

  get items(): readonly Item<Target>[] {
    return this.#items
  }

  get length(): number {
    return this.#items.length
  }

  item(id: string): Item<Target> | undefined {
    const at = this.#at.get(id)
    return at === undefined ? undefined : this.#items[at]
  }

  /** Gives whether anything is different now. */
  apply(change: Change<Target>): boolean {
    switch (change.type) {
      case 'added':
        for (const item of change.items) this.#add(item)
        return change.items.length > 0
      case 'cancelled':
        return this.#keep((item) => (change.id === 'all' ? isOver(item) : item.id !== change.id))
      case 'cleared':
        return this.#keep((item) => !hasEnded(item) || item.state === 'failed')
      case 'pause':
      case 'resume':
        return this.#each(change.id, (item) => turned(item, change.type))
      case 'failed':
        if (holding.includes(change.code)) this.#each('all', held)
        return this.#each(change.id, (item) => failed(item, change))
      default:
        return this.#each(change.id, (item) => changed(item, change))
    }
  }

  /** The names to look at and the files to send now. The caller then applies `checking` and `begun`. */
  toBegin(): { check: Item<Target>[]; send: Item<Target>[] } {
    const count = this.#count
    return {
      check: this.#first('new', checkingAtMost - count.checking),
      send: this.#first('waiting', sendingAtMost - count.sending - count.trying),
    }
  }

  /** How far all of it is. What was skipped does not count. */
  get totals(): Totals {
    const count = this.#count
    return {
      files: this.length - count.skipped,
      filesDone: count.done,
      bytes: this.#bytes,
      bytesSent: this.#bytesSent,
      isActive: [...moving, ...idle].some((state) => count[state] > 0),
      hasEnded: ended.reduce((sum, state) => sum + count[state], 0) === this.length,
      asking: count.asking,
      failed: count.failed,
      paused: count.paused,
    }
  }

  #add(item: Item<Target>): void {
    this.#at.set(item.id, this.#items.length)
    this.#items.push(item)
    this.#note(item, this.#items.length - 1)
  }

  #each(id: string | 'all', change: (item: Item<Target>) => Item<Target>): boolean {
    if (id !== 'all') return this.#change(this.#at.get(id), change)
    let isDifferent = false
    for (let at = 0; at < this.#items.length; at += 1) isDifferent = this.#change(at, change) || isDifferent
    return isDifferent
  }

  #change(at: number | undefined, change: (item: Item<Target>) => Item<Target>): boolean {
    const item = at === undefined ? undefined : this.#items[at]
    if (at === undefined || !item) return false
    const then = change(item)
    if (then === item) return false
    this.#forget(item)
    this.#items[at] = then
    this.#note(then, at)
    return true
  }

  #keep(isKept: (item: Item<Target>) => boolean): boolean {
    const kept = this.#items.filter(isKept)
    if (kept.length === this.#items.length) return false
    this.#items = kept
    this.#countAll()
    return true
  }

  #countAll(): void {
    this.#at = new Map(this.#items.map(({ id }, at) => [id, at] as const))
    this.#count = noneYet()
    this.#bytes = 0
    this.#bytesSent = 0
    this.#items.forEach((item, at) => {
      this.#note(item, at)
    })
  }

  #note(item: Item<Target>, at: number): void {
    const { state } = item
    this.#count[state] += 1
    if (state === 'new' || state === 'waiting') this.#from[state] = Math.min(this.#from[state], at)
    if (state === 'skipped') return
    this.#bytes += item.sizeBytes
    this.#bytesSent += item.sentBytes
  }

  #forget(item: Item<Target>): void {
    this.#count[item.state] -= 1
    if (item.state === 'skipped') return
    this.#bytes -= item.sizeBytes
    this.#bytesSent -= item.sentBytes
  }

  #first(state: 'new' | 'waiting', atMost: number): Item<Target>[] {
    const found: Item<Target>[] = []
    const wanted = Math.min(atMost, this.#count[state])
    if (wanted <= 0) return found
    let first: number | null = null
    for (let at = this.#from[state]; found.length < wanted && at < this.#items.length; at += 1) {
      const item = this.#items[at]
      if (item?.state !== state) continue
      first ??= at
      found.push(item)
    }
    this.#from[state] = first ?? this.#items.length
    return found
  }
}

const noneYet = (): Record<State, number> => ({
  ...{ new: 0, checking: 0, asking: 0, waiting: 0, sending: 0, trying: 0, paused: 0, done: 0, skipped: 0, failed: 0 },
})

type OfOne<Target> = Exclude<
  Change<Target>,
  { type: 'added' | 'cancelled' | 'cleared' | 'pause' | 'resume' } | { type: 'failed' }
>

function changed<Target>(item: Item<Target>, change: OfOne<Target>): Item<Target> {
  switch (change.type) {
    case 'checking':
      return item.state === 'new' ? { ...item, state: 'checking' } : item
    case 'free':
      return item.state === 'checking' ? { ...item, state: 'waiting' } : item
    case 'taken':
      return item.state === 'checking' ? { ...item, state: 'asking', taken: change.by } : item
    case 'answered':
      return item.state === 'asking' ? answered(item, change.answer) : item
    case 'begun':
      return item.state === 'waiting' ? { ...item, state: 'sending', error: null } : item
    case 'sent':
      return isMoving(item) ? { ...item, state: 'sending', sentBytes: change.bytes, error: null } : item
    case 'broken':
      return isMoving(item) ? { ...item, state: 'trying', error: change.error } : item
    case 'done':
      return { ...item, state: 'done', sentBytes: item.sizeBytes, error: null }
  }
}

function answered<Target>(item: Item<Target>, answer: Answer<Target>): Item<Target> {
  switch (answer.how) {
    case 'skip':
      return { ...item, state: 'skipped', taken: null }
    case 'replace':
      return { ...item, state: 'waiting', mayReplace: true, taken: null }
    case 'beside':
      return { ...item, state: 'waiting', target: answer.target, name: answer.name, taken: null }
  }
}

function failed<Target>(item: Item<Target>, { error, code }: { error: unknown; code: string }): Item<Target> {
  // Pressed before the answer came.
  if (item.state === 'paused') return item
  if (conflicting.includes(code) && !item.mayReplace && item.conflicts < conflictsAtMost)
    return { ...item, state: 'new', sentBytes: 0, lostBytes: item.sentBytes, conflicts: item.conflicts + 1 }
  return { ...item, state: 'failed', sentBytes: 0, error }
}

function held<Target>(item: Item<Target>): Item<Target> {
  return isIdle(item) ? { ...item, state: 'paused' } : item
}

function turned<Target>(item: Item<Target>, to: 'pause' | 'resume'): Item<Target> {
  if (to === 'pause') return mayPause(item) ? { ...item, state: 'paused' } : item
  if (!mayResume(item)) return item
  // The page looked at the name before it sent anything.
  return { ...item, state: item.sentBytes > 0 || item.mayReplace ? 'waiting' : 'new', error: null }
}

/** The files that one answer is for. */
export function answeredTogether<Target>(queue: UploadQueue<Target>, id: string, isForAll: boolean): Item<Target>[] {
  const asked = queue.item(id)
  if (!isForAll) return asked?.state === 'asking' ? [asked] : []
  return queue.items.filter(({ state, batch }) => state === 'asking' && batch === asked?.batch)
}

export type Totals = {
  files: number
  filesDone: number
  bytes: number
  bytesSent: number
  isActive: boolean
  /** Whether nothing is left to do, and nobody has to decide. */
  hasEnded: boolean
  asking: number
  failed: number
  paused: number
}

const order: readonly State[] = [
  'failed',
  'asking',
  'trying',
  'sending',
  'paused',
  'checking',
  'new',
  'waiting',
  'done',
  'skipped',
]

/** The items in the order in which people care for them: what needs them first, then what moves. Only the first ones. */
export function shownFirst<Target>({ items }: UploadQueue<Target>, atMost: number): Item<Target>[] {
  const byState = new Map(order.map((state) => [state, [] as Item<Target>[]]))
  for (const item of items) {
    const same = byState.get(item.state)
    if (same && same.length < atMost) same.push(item)
  }
  return [...byState.values()].flat().slice(0, atMost)
}

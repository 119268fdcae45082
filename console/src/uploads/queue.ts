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
}

export type Queue<Target = unknown> = readonly Item<Target>[]

export type Answer<Target> = { how: 'replace' } | { how: 'skip' } | { how: 'beside'; target: Target; name: string }

export type Change<Target> =
  | { type: 'added'; items: Queue<Target> }
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
  }
}

export function next<Target>(queue: Queue<Target>, change: Change<Target>): Queue<Target> {
  switch (change.type) {
    case 'added':
      return [...queue, ...change.items]
    case 'cancelled':
      return change.id === 'all' ? queue.filter(isOver) : queue.filter(({ id }) => id !== change.id)
    case 'cleared':
      return queue.filter((item) => !hasEnded(item) || item.state === 'failed')
    case 'pause':
    case 'resume':
      return queue.map((item) => (change.id === 'all' || change.id === item.id ? turned(item, change.type) : item))
    case 'failed':
      return failed(queue, change)
    default:
      return withItem(queue, change.id, (item) => changed(item, change))
  }
}

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

function failed<Target>(
  queue: Queue<Target>,
  { id, error, code }: { id: string; error: unknown; code: string },
): Queue<Target> {
  const holds = holding.includes(code)
  return queue.map((item) => {
    if (item.id !== id) return holds && idle.includes(item.state) ? { ...item, state: 'paused' } : item
    // Pressed before the answer came.
    if (item.state === 'paused') return item
    if (conflicting.includes(code) && !item.mayReplace && item.conflicts < conflictsAtMost)
      return { ...item, state: 'new', sentBytes: 0, conflicts: item.conflicts + 1 }
    return { ...item, state: 'failed', sentBytes: 0, error }
  })
}

function turned<Target>(item: Item<Target>, to: 'pause' | 'resume'): Item<Target> {
  if (to === 'pause') return mayPause(item) ? { ...item, state: 'paused' } : item
  if (!mayResume(item)) return item
  // The page looked at the name before it sent anything.
  return { ...item, state: item.sentBytes > 0 || item.mayReplace ? 'waiting' : 'new', error: null }
}

function withItem<Target>(
  queue: Queue<Target>,
  id: string,
  change: (item: Item<Target>) => Item<Target>,
): Queue<Target> {
  const at = queue.findIndex((item) => item.id === id)
  const item = queue[at]
  if (!item) return queue
  const then = change(item)
  return then === item ? queue : queue.with(at, then)
}

/** The files that one answer is for. */
export function answeredTogether<Target>(queue: Queue<Target>, id: string, isForAll: boolean): Item<Target>[] {
  const batch = queue.find((item) => item.id === id)?.batch
  return queue.filter((item) => item.state === 'asking' && (item.id === id || (isForAll && item.batch === batch)))
}

/** What begins now: names to look at, and files to send, in the order in which they came. */
export function toBegin<Target>(queue: Queue<Target>): { check: Item<Target>[]; send: Item<Target>[] } {
  const count = (states: readonly State[]) => queue.filter(({ state }) => states.includes(state)).length
  const first = (state: State, atMost: number) =>
    atMost > 0 ? queue.filter((item) => item.state === state).slice(0, atMost) : []
  return {
    check: first('new', checkingAtMost - count(['checking'])),
    send: first('waiting', sendingAtMost - count(moving)),
  }
}

export type Totals = {
  files: number
  filesDone: number
  bytes: number
  bytesSent: number
  isActive: boolean
  asking: number
  failed: number
  paused: number
}

/** How far all of it is. What was skipped does not count. */
export function totalsOf(queue: Queue): Totals {
  const totals: Totals = {
    files: 0,
    filesDone: 0,
    bytes: 0,
    bytesSent: 0,
    isActive: false,
    asking: 0,
    failed: 0,
    paused: 0,
  }
  for (const item of queue) {
    if (item.state === 'skipped') continue
    totals.files += 1
    totals.bytes += item.sizeBytes
    totals.bytesSent += item.sentBytes
    if (item.state === 'done') totals.filesDone += 1
    if (item.state === 'asking') totals.asking += 1
    if (item.state === 'failed') totals.failed += 1
    if (item.state === 'paused') totals.paused += 1
    if (mayPause(item)) totals.isActive = true
  }
  return totals
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

/** The items in the order in which people care for them: what needs them first, then what moves. */
export function shownFirst<Target>(queue: Queue<Target>): Item<Target>[] {
  return queue.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
}

import { answerTo, Refusal, Unreachable } from '../api/call.ts'
import { lookAt, seenMissing } from '../api/files.ts'
import { leavesFor, pageOwner, personHeaders, stopsForAnotherPerson } from '../api/page-owner.ts'
import { at } from '../api/place.ts'
import { queryClient } from '../api/query-client.ts'
import { noteSignedOut } from '../api/signed-out.ts'
import { apiPathOf, joined, nameOf, type Place, parentOf, uploadTargetOf } from '../files/place.ts'
import { loadInsistently } from '../parts/lazily.ts'
import { noteUploadsBegun } from './begun.ts'
import { freeBeside } from './beside.ts'
import {
  assertReadable,
  faultOfLook,
  leavesOpenWho,
  maySucceedLater,
  problemOf,
  Unreadable,
  waitAfter,
} from './faults.ts'
import { notedFor } from './left.ts'
import { markOf } from './mark.ts'
import { firstMissing, type Picked } from './picked.ts'
import {
  type Answer,
  answeredTogether,
  type Change,
  hasEnded,
  type Item,
  mayPause,
  newItem,
  UploadQueue,
} from './queue.ts'

export type UploadItem = Item<Place>
export type How = Answer<Place>['how']

/** Up to this size a file goes in one request, whole or not at all. */
const smallBytes = 2 ** 20
const chunkBytes = 64 * 2 ** 20
const progressEveryMs = 150
const seconds = [1, 2, 3, 5, 5, 10]
const triesAtMost = 5_000
const retryDelays = Array.from({ length: triesAtMost }, (_, at) => (seconds[at] ?? 15) * 1_000)

const tellEveryMs = 100

const queue = new UploadQueue<Place>()
/** What the page shows: a new object each time that there is something new to show. */
let view = { queue }
/** The targets of files that have not arrived, each with the id of its file. */
const targets = new Map<string, string>()
const files = new Map<string, File>()
const running = new Map<string, { stop(discard: boolean): void }>()
const listeners = new Set<() => void>()
const finishers = new Set<(place: Place) => void>()
let count = 0
let batches = 0

export const uploads = {
  get: () => view,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  /** Tells of each file that has arrived. */
  onArrival(finisher: (place: Place) => void): () => void {
    finishers.add(finisher)
    return () => finishers.delete(finisher)
  },

  /** Puts files into a folder, each below it as it was below the folder that was picked. */
  add(folder: Place, picked: readonly Picked[]): void {
    batches += 1
    const batch = batches
    const isFree = firstMissing((path) => isMissing({ ...folder, path }))
    const isSeenFree = seenMissing(queryClient, folder.root)
    const items = picked.map(({ file, path }) => {
      count += 1
      const id = `upload-${count}`
      files.set(id, file)
      const target = { root: folder.root, path: joined(folder.path, path) }
      targets.set(uploadTargetOf(target), id)
      frees.set(id, () => isFree(folder.path, path))
      return newItem({
        id,
        batch,
        target,
        name: path,
        sizeBytes: file.size,
        isFree: isSeenFree(target.path),
      })
    })
    noteUploadsBegun()
    change({ type: 'added', items })
    tell()
  },
  pause(id: string): void {
    for (const item of chosen(id)) if (mayPause(item)) running.get(item.id)?.stop(false)
    change({ type: 'pause', id })
    tell()
  },
  resume(id: string): void {
    change({ type: 'resume', id })
    tell()
  },
  cancel(id: string): void {
    for (const item of chosen(id)) {
      if (item.state === 'done') continue
      const task = running.get(item.id)
      if (task) task.stop(true)
      else if (item.sentBytes > 0) void discard(item)
      forget(item)
    }
    change({ type: 'cancelled', id })
    tell()
  },
  clear(): void {
    for (const item of queue.items) if (hasEnded(item) && item.state !== 'failed') forget(item)
    change({ type: 'cleared' })
    tell()
  },
  /** What to do with a file whose name is taken. `isForAll`: with all others of its batch too. */
  async answer(id: string, how: How, isForAll: boolean): Promise<void> {
    const items = answeredTogether(queue, id, isForAll)
    const [first] = items
    if (isForAll && first) always.set(first.batch, how)
    for (const item of items) await answerOne(item, how)
    tell()
  },
}

stopsForAnotherPerson(() => uploads.pause('all'))

/** The answers for all others, by batch. */
const always = new Map<number, How>()

async function answerOne(item: UploadItem, how: How): Promise<void> {
  if (how === 'replace' && item.taken === 'other') return // the service replaces nothing but files
  const answer: Answer<Place> = how === 'beside' ? await beside(item) : { how }
  change({ type: 'answered', id: item.id, answer })
}

const frees = new Map<string, () => Promise<boolean>>()

const chosen = (id: string) => queue.items.filter((item) => id === 'all' || item.id === id)

function forget({ id, target }: Pick<UploadItem, 'id' | 'target'>): void {
  if (targets.get(uploadTargetOf(target)) === id) targets.delete(uploadTargetOf(target))
  files.delete(id)
  frees.delete(id)
  running.delete(id)
}

function change(what: Change<Place>): void {
  if (!queue.apply(what)) return
  const { check, send } = queue.toBegin()
  for (const { id } of check) queue.apply({ type: 'checking', id })
  for (const { id } of send) queue.apply({ type: 'begun', id })
  for (const item of check) void look(item)
  for (const item of send) void begin(item)
  tellSoon()
}

let telling: ReturnType<typeof setTimeout> | undefined

/** Shows what is new. Files change far more often than anybody can see. */
function tell(): void {
  clearTimeout(telling)
  telling = undefined
  view = { queue }
  for (const listener of listeners) listener()
}

function tellSoon(): void {
  telling ??= setTimeout(tell, tellEveryMs)
}

async function isMissing(place: Place): Promise<boolean> {
  if (isSeenMissing(place)) return true
  return await lookAt(place).then(() => false, missing)
}

const isSeenMissing = ({ root, path }: Place) => seenMissing(queryClient, root)(path)

/** Whether an error says that there is nothing; any other is told when the file is sent. */
function missing(error: unknown): boolean {
  return error instanceof Refusal && error.status === 404
}

async function look({ id, target }: UploadItem): Promise<void> {
  const isFree = await (frees.get(id)?.() ?? Promise.resolve(false)).catch(() => false)
  frees.delete(id)
  if (isFree) return change({ type: 'free', id })
  try {
    const { kind } = await lookAt(target)
    change({ type: 'taken', id, by: kind === 'file' ? 'file' : 'other' })
    const asking = queue.item(id)
    const how = asking?.state === 'asking' && always.get(asking.batch)
    if (asking && how) await answerOne(asking, how)
  } catch {
    change({ type: 'free', id })
  }
}

async function beside(item: UploadItem): Promise<Answer<Place>> {
  const { root, path } = item.target
  const folder = parentOf(path)
  const isTaken = async (name: string) => {
    const target = { root, path: joined(folder, name) }
    const isOwn = (targets.get(uploadTargetOf(target)) ?? item.id) !== item.id
    return isOwn || (!isSeenMissing(target) && (await lookAt(target).then(() => true)))
  }
  const name = await freeBeside(nameOf(path), isTaken)
  targets.set(uploadTargetOf({ root, path: joined(folder, name) }), item.id)
  return { how: 'beside', target: { root, path: joined(folder, name) }, name: joined(parentOf(item.name), name) }
}

async function begin(item: UploadItem): Promise<void> {
  const { id, target, sizeBytes } = item
  const file = files.get(id)
  try {
    if (!file) throw new Unreadable()
    await (sizeBytes <= smallBytes ? put(item, file) : sendInParts(item, file))
    change({ type: 'done', id })
    forget(item)
    for (const finisher of finishers) finisher(target)
  } catch (error) {
    running.delete(id)
    if (error === stopped) return
    const code = error instanceof Refusal ? error.code : ''
    change({ type: 'failed', id, error, code })
  }
}

const stopped = Symbol('stopped')

async function put({ id, target, mayReplace }: UploadItem, file: File): Promise<void> {
  const abort = new AbortController()
  running.set(id, { stop: () => abort.abort(stopped) })
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
  if (!mayReplace) headers['if-none-match'] = '*'
  for (const delay of retryDelays) {
    try {
      await answerTo('PUT', apiPathOf(target), { body: file, headers, signal: abort.signal })
      running.delete(id)
      return
    } catch (error) {
      if (!goesOn(error)) throw error
      if (error instanceof Unreachable) await assertReadable(file)
      change({ type: 'broken', id, error })
      await pauseFor(waitAfter(error, delay), abort.signal)
    }
  }
}

/** Until the time is over, or the browser is online again. */
async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(signal.reason)
  const timer = setTimeout(resolve, ms)
  addEventListener('online', () => resolve(), { once: true, signal })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

function goesOn(error: unknown): boolean {
  if (error instanceof Refusal && error.status === 401) noteSignedOut(true)
  if (leavesOpenWho(error)) void queryClient.invalidateQueries({ queryKey: ['me'] })
  leavesFor(error)
  return maySucceedLater(error)
}

/** An address for each person, file, target and answer: only the same upload goes on where it was. @throws Unreadable */
async function fingerprintOf({ target, mayReplace }: UploadItem, file: File): Promise<string> {
  const mark = await markOf(file).catch((cause: unknown) => {
    throw new Unreadable('The browser cannot read the file.', { cause })
  })
  const how = mayReplace ? 'replace' : 'new'
  return notedFor(pageOwner()) + [uploadTargetOf(target), file.size, file.lastModified, mark, how].join('|')
}

const loadTus = () => loadInsistently(() => import('tus-js-client'))

async function sendInParts(item: UploadItem, file: File): Promise<void> {
  const { id, target, mayReplace } = item
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stopping = new AbortController()
  running.set(id, {
    stop(discard) {
      stopping.abort(discard)
      reject(stopped)
    },
  })
  promise.catch(() => {}) // it may be stopped before it is waited for
  // Until then, only a stop ends the promise.
  const { Upload } = await Promise.race([loadTus(), promise as Promise<never>])
  const fingerprint = await fingerprintOf(item, file)
  let told = 0
  const delays = [...retryDelays]
  const upload = new Upload(file, {
    endpoint: at('api/uploads'),
    headers: personHeaders(),
    metadata: { to: uploadTargetOf(target), ...(!mayReplace && { if_none_match: '*' }) },
    chunkSize: chunkBytes,
    retryDelays: delays,
    fingerprint: async () => fingerprint,
    removeFingerprintOnSuccess: true,
    onProgress(sent, total) {
      if (sent < total && Date.now() - told < progressEveryMs) return
      told = Date.now()
      change({ type: 'sent', id, bytes: sent })
    },
    onAfterResponse(request, answer) {
      const fault = faultOfLook(request.getMethod(), answer.getStatus(), answer.getHeader('Retry-After') ?? null)
      if (fault) throw fault
    },
    onShouldRetry(error, attempt) {
      const problem = problemOf(error)
      const again = goesOn(problem)
      if (again) change({ type: 'broken', id, error: problem })
      delays[attempt] = waitAfter(problem, retryDelays[attempt] ?? 0) // read after this call
      if (problem instanceof Unreachable) void assertReadable(file).catch(giveUp)
      return again
    },
    onSuccess: () => resolve(),
    onError: (error) => reject(problemOf(error)),
  })
  const giveUp = (error: unknown) => {
    void upload.abort()
    reject(error)
  }
  const again = () => void upload.abort().then(() => !stopping.signal.aborted && upload.start())
  try {
    const [previous] = await upload.findPreviousUploads()
    if (previous) upload.resumeFromPreviousUpload(previous)
    if (!stopping.signal.aborted) {
      // A browser that is online again need not wait for the next try.
      addEventListener('online', again, { signal: stopping.signal })
      upload.start()
    }
    await promise
  } finally {
    if (stopping.signal.aborted) void upload.abort(stopping.signal.reason === true).catch(() => {})
    else stopping.abort(false)
    running.delete(id)
  }
}

/** Removes what a paused upload has left with the service. */
async function discard(item: UploadItem): Promise<void> {
  const file = files.get(item.id)
  if (!file) return
  const { Upload } = await loadTus()
  const fingerprint = await fingerprintOf(item, file).catch(() => null)
  if (fingerprint === null) return
  const upload = new Upload(file, {
    endpoint: at('api/uploads'),
    headers: personHeaders(),
    fingerprint: async () => fingerprint,
  })
  const [previous] = await upload.findPreviousUploads()
  if (!previous) return
  upload.resumeFromPreviousUpload(previous)
  await upload.abort(true).catch(() => {})
}

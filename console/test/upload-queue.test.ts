import { expect, test } from 'vitest'
import { freeBeside } from '../src/uploads/beside.ts'
import { leftUploads } from '../src/uploads/left.ts'
import { firstMissing, pathOfPicked } from '../src/uploads/picked.ts'
import { answeredTogether, type Change, type Item, newItem, shownFirst, UploadQueue } from '../src/uploads/queue.ts'

const item = (id: string, isFree = true, batch = 1) =>
  newItem({ id, batch, target: id, name: id, sizeBytes: 100, isFree })
const queueOf = (items: readonly Item<string>[]) => new UploadQueue([...items])
/** A queue after some changes; the one before stays as it is. */
function after({ items }: { items: readonly Item<string>[] }, ...changes: Change<string>[]): UploadQueue<string> {
  const queue = queueOf(items)
  for (const change of changes) queue.apply(change)
  return queue
}
const states = ({ items }: UploadQueue<string>) => items.map(({ id, state }) => `${id} ${state}`)
const begun = (queue: UploadQueue<string>) => queue.toBegin().send.map(({ id }) => id)

const five = queueOf(['a', 'b', 'c', 'd', 'e'].map((id) => item(id)))

test('three files are sent at a time, in the order in which they came', () => {
  expect(begun(five)).toEqual(['a', 'b', 'c'])
  const two = after(five, { type: 'begun', id: 'a' }, { type: 'begun', id: 'b' })
  expect(begun(two)).toEqual(['c'])
  const full = after(two, { type: 'begun', id: 'c' })
  expect(begun(full)).toEqual([])
  expect(begun(after(full, { type: 'done', id: 'b' }))).toEqual(['d'])
})

test('a file whose connection broke keeps its place, and goes on', () => {
  const broken = after(
    five,
    { type: 'begun', id: 'a' },
    { type: 'sent', id: 'a', bytes: 40 },
    { type: 'broken', id: 'a', error: null },
  )
  expect(states(broken)[0]).toBe('a trying')
  expect(begun(broken)).toEqual(['b', 'c'])
  expect(after(broken, { type: 'sent', id: 'a', bytes: 60 }).items[0]).toMatchObject({
    state: 'sending',
    sentBytes: 60,
  })
})

test('a paused file leaves its place to the next, and what comes late does not wake it', () => {
  const paused = after(five, { type: 'begun', id: 'a' }, { type: 'pause', id: 'a' })
  expect(begun(paused)).toEqual(['b', 'c', 'd'])
  expect(states(after(paused, { type: 'sent', id: 'a', bytes: 9 }, { type: 'broken', id: 'a', error: null }))[0]).toBe(
    'a paused',
  )
  expect(states(after(paused, { type: 'failed', id: 'a', error: 1, code: '' }))[0]).toBe('a paused')
})

test('a file that was sent in part goes on without a look at its name, any other is looked at', () => {
  const paused = after(
    five,
    { type: 'begun', id: 'a' },
    { type: 'sent', id: 'a', bytes: 9 },
    { type: 'pause', id: 'all' },
  )
  expect(states(after(paused, { type: 'resume', id: 'all' }))).toEqual([
    'a waiting',
    'b new',
    'c new',
    'd new',
    'e new',
  ])
})

test('one failure of its own stops no other file', () => {
  const failed = after(five, { type: 'begun', id: 'a' }, { type: 'failed', id: 'a', error: 'no', code: 'wrong-kind' })
  expect(states(failed)).toEqual(['a failed', 'b waiting', 'c waiting', 'd waiting', 'e waiting'])
})

test.each(['forbidden', 'no-room', 'storage-full', 'too-many-at-once', 'data-root-not-proven'])(
  'after %s the files that have not begun wait until somebody has seen it',
  (code) => {
    const two = after(five, { type: 'begun', id: 'a' }, { type: 'begun', id: 'b' })
    const failed = after(two, { type: 'failed', id: 'a', error: 'no', code })
    expect(states(failed)).toEqual(['a failed', 'b sending', 'c paused', 'd paused', 'e paused'])
    expect(after(failed, { type: 'done', id: 'b' }).totals).toMatchObject({ isActive: false, failed: 1, paused: 3 })
  },
)

test('a name is looked at first, and a person decides about one that is taken', () => {
  const one = queueOf([item('a', false)])
  expect(one.toBegin()).toMatchObject({ check: [{ id: 'a' }], send: [] })
  const asking = after(one, { type: 'checking', id: 'a' }, { type: 'taken', id: 'a', by: 'file' })
  expect(states(asking)).toEqual(['a asking'])
  const answer = (answer: Extract<Change<string>, { type: 'answered' }>['answer']) =>
    after(asking, { type: 'answered', id: 'a', answer }).items[0]
  expect(answer({ how: 'replace' })).toMatchObject({ state: 'waiting', mayReplace: true })
  expect(answer({ how: 'skip' })).toMatchObject({ state: 'skipped' })
  expect(answer({ how: 'beside', target: 'a (2)', name: 'a (2)' })).toMatchObject({ state: 'waiting', target: 'a (2)' })
})

test('a name that somebody else took meanwhile is asked about, but not for ever', () => {
  const taken: Change<string>[] = [
    { type: 'begun', id: 'a' },
    { type: 'failed', id: 'a', error: 'taken', code: 'precondition-failed' },
  ]
  const again: Change<string>[] = [{ type: 'checking', id: 'a' }, { type: 'free', id: 'a' }, ...taken]
  const once = after(queueOf([item('a')]), ...taken)
  expect(once.items[0]).toMatchObject({ state: 'new', sentBytes: 0 })
  expect(states(after(once, ...again, ...again, ...again))).toEqual(['a failed'])
})

test('a file that may replace another fails with the words of the service', () => {
  const replacing = queueOf([{ ...item('a'), mayReplace: true, state: 'sending' }])
  expect(states(after(replacing, { type: 'failed', id: 'a', error: 1, code: 'precondition-failed' }))).toEqual([
    'a failed',
  ])
})

test('cancelling leaves what has arrived in the list, and clearing leaves what failed', () => {
  const mixed = after(
    five,
    { type: 'begun', id: 'a' },
    { type: 'done', id: 'a' },
    { type: 'begun', id: 'b' },
    { type: 'failed', id: 'b', error: 1, code: '' },
  )
  expect(states(after(mixed, { type: 'cancelled', id: 'all' }))).toEqual(['a done'])
  expect(states(after(mixed, { type: 'cleared' }))).toEqual(['b failed', 'c waiting', 'd waiting', 'e waiting'])
})

test('what needs a person comes first in the list, then what moves', () => {
  const queue = after(
    five,
    { type: 'begun', id: 'b' },
    { type: 'begun', id: 'c' },
    { type: 'failed', id: 'c', error: 1, code: '' },
  )
  expect(shownFirst(queue, 9).map(({ id }) => id)).toEqual(['c', 'b', 'a', 'd', 'e'])
})

test('files of a picked folder keep their paths, as each browser says them', () => {
  expect(pathOfPicked({ name: 'a.csv', webkitRelativePath: 'data/2025/a.csv' })).toBe('data/2025/a.csv')
  expect(pathOfPicked({ name: 'a.csv', webkitRelativePath: '', path: '/data/a.csv' })).toBe('data/a.csv')
  expect(pathOfPicked({ name: 'a.csv', webkitRelativePath: '', path: './a.csv' })).toBe('a.csv')
  expect(pathOfPicked({ name: 'a.csv' })).toBe('a.csv')
})

test('each folder on the way of many files is looked at once', async () => {
  const looks: string[] = []
  const isMissing = firstMissing(async (path) => looks.push(path) > 0 && path === 'in/new')
  expect(await Promise.all(['new/a', 'new/deep/b', 'old/c', 'd'].map((path) => isMissing('in', path)))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(looks).toEqual(['in/new', 'in/old'])
})

test('notes of unfinished uploads are shown to their person and for their tree, unless they are old or cannot be read', () => {
  const now = Date.parse('2026-11-27T00:00:00Z')
  const note = (to: string, creationTime: string) =>
    JSON.stringify({ size: 7, metadata: { to }, creationTime, uploadUrl: 'http://lab/api/uploads/1' })
  const notes: [string, string][] = [
    ['tus::ai-lab|demo|1::1', note('/api/users/demo/files/a/b', '2026-11-26T00:00:00Z')],
    ['tus::ai-lab|demo|2::1', note('/api/users/demo2/files/c', '2026-11-26T00:00:00Z')],
    ['tus::ai-lab|demo|3::1', note('/api/users/demo/files/old', '2026-11-01T00:00:00Z')],
    ['tus::ai-lab|demo|4::1', '{'],
    ['tus::ai-lab|demo|5::1', 'null'],
    ['tus::ai-lab|other|6::1', note('/api/users/demo/files/of-another', '2026-11-26T00:00:00Z')],
    ['other', 'x'],
  ]
  const storage = {
    length: notes.length,
    key: (at: number) => notes[at]?.[0] ?? null,
    getItem: (key: string) => notes.find(([each]) => each === key)?.[1] ?? null,
  }
  expect(leftUploads(storage, { person: 'demo', tree: 'users/demo' }, now)).toEqual([
    { key: 'tus::ai-lab|demo|1::1', path: 'a/b', sizeBytes: 7, url: 'http://lab/api/uploads/1' },
  ])
})

test('an answer for all others is for the files that were dropped together, and for no later ones', () => {
  const asked = [item('a'), item('b'), item('c', true, 2), item('d')].map(
    (each): Item<string> => ({ ...each, state: each.id === 'd' ? 'done' : 'asking' }),
  )
  const queue = queueOf(asked)
  expect(answeredTogether(queue, 'a', true).map(({ id }) => id)).toEqual(['a', 'b'])
  expect(answeredTogether(queue, 'c', true).map(({ id }) => id)).toEqual(['c'])
  expect(answeredTogether(queue, 'b', false).map(({ id }) => id)).toEqual(['b'])
  expect(answeredTogether(queue, 'd', false)).toEqual([])
})

test('a file that waits for the service knows why, until it is sent again', () => {
  const trying = after(five, { type: 'begun', id: 'a' }, { type: 'broken', id: 'a', error: 'Too many requests.' })
  expect(trying.item('a')).toMatchObject({ state: 'trying', error: 'Too many requests.' })
  expect(after(trying, { type: 'sent', id: 'a', bytes: 1 }).item('a')).toMatchObject({ state: 'sending', error: null })
})

test('a file that is kept beside another gets the first number that is free', async () => {
  const taken = ['a (2).csv', 'a (3).csv']
  expect(await freeBeside('a.csv', async (name) => taken.includes(name))).toBe('a (4).csv')
})

test('a file that is kept beside another is sent where the names cannot be looked up, or are all taken', async () => {
  expect(await freeBeside('a.csv', () => Promise.reject(new Error('away')))).toBe('a (2).csv')
  expect(await freeBeside('a.csv', async () => true)).toBe('a (101).csv')
})

test('a person reads that a file was sent in vain, and only then', () => {
  const sent: Change<string>[] = [
    { type: 'begun', id: 'a' },
    { type: 'sent', id: 'a', bytes: 90 },
  ]
  const taken: Change<string> = { type: 'failed', id: 'a', error: 'taken', code: 'precondition-failed' }
  expect(after(five, ...sent, taken).item('a')).toMatchObject({ state: 'new', lostBytes: 90 })
  expect(after(five, { type: 'begun', id: 'a' }, taken).item('a')).toMatchObject({ state: 'new', lostBytes: 0 })
})

test('a file that goes on keeps its place among those that wait', () => {
  const paused = after(
    five,
    { type: 'pause', id: 'b' },
    ...['a', 'c', 'd'].map((id): Change<string> => ({ type: 'begun', id })),
  )
  expect(begun(paused)).toEqual([])
  paused.apply({ type: 'done', id: 'c' })
  expect(begun(paused)).toEqual(['e'])
  paused.apply({ type: 'resume', id: 'b' })
  paused.apply({ type: 'checking', id: 'b' })
  paused.apply({ type: 'free', id: 'b' })
  expect(begun(paused)).toEqual(['b'])
})

/** Sends all files of a queue as the page does, and counts how often it looks at a file. */
function looksToSend(count: number): number {
  const items = Array.from({ length: count }, (_, n) => item(`${n}`, n % 2 === 0))
  let looks = 0
  const counted = new Proxy(items, {
    get(array, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1
      return Reflect.get(array, key)
    },
  })
  const queue = new UploadQueue(counted)
  looks = 0
  for (;;) {
    const { check, send } = queue.toBegin()
    if (check.length + send.length === 0) break
    for (const { id } of check) queue.apply({ type: 'checking', id })
    for (const { id } of send) queue.apply({ type: 'begun', id })
    for (const { id } of check) queue.apply({ type: 'free', id })
    for (const { id } of send) {
      queue.apply({ type: 'sent', id, bytes: 50 })
      queue.apply({ type: 'done', id })
    }
  }
  expect(queue.totals).toMatchObject({ files: count, filesDone: count, bytesSent: 100 * count, hasEnded: true })
  return looks
}

test('the work for a file stays the same, however many files there are', () => {
  const looksEach = looksToSend(20_000) / 20_000
  expect(looksEach).toBeLessThan(12)
  expect(looksEach).toBeLessThan((looksToSend(200) / 200) * 1.5)
})

test('the sums are those of the files, whatever became of them', () => {
  const queue = after(
    five,
    { type: 'begun', id: 'a' },
    { type: 'sent', id: 'a', bytes: 40 },
    { type: 'begun', id: 'b' },
    { type: 'done', id: 'b' },
    { type: 'begun', id: 'c' },
    { type: 'failed', id: 'c', error: 1, code: 'forbidden' },
    { type: 'cancelled', id: 'd' },
  )
  const sums = { files: 4, filesDone: 1, bytes: 400, bytesSent: 140, failed: 1, paused: 1, isActive: true }
  expect(queue.totals).toEqual({ ...sums, asking: 0, hasEnded: false })
})

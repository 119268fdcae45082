import { expect, test } from 'vitest'
import type { Picture } from '../../../src/domain/environment/progress.ts'
import { createProgressLog } from '../../../src/reconcile/progress-log.ts'

const running: Picture = {
  status: 'running',
  transition: null,
  settled: true,
  activity: null,
  place: null,
  pull: null,
  words: null,
  code: null,
}
const starting: Picture = { ...running, status: 'starting', settled: false, activity: 'starting' }
const stopping: Picture = { ...running, status: 'stopping', settled: false, activity: 'stopping' }
const minute = 60_000

function logAt() {
  const time = { now: 0 }
  const log = createProgressLog({ steady: () => time.now })
  const kinds = (number: number | null = null) => log.since('one', number).map(({ event }) => event.kind)
  return { time, log, kinds }
}

test('the log forgets an environment that has been settled for ten minutes, or was so from the start', () => {
  const { time, log, kinds } = logAt()
  log.note('one', running)
  expect(kinds()).toEqual([])
  log.note('one', starting)
  log.note('one', running)
  expect(kinds()).toEqual(['status', 'phase', 'status', 'ready'])
  time.now = 9 * minute
  log.note('one', running)
  expect(kinds()).toHaveLength(4)
  time.now = 11 * minute
  log.note('one', running)
  expect(kinds()).toEqual([])
})

test('the log keeps only the last run', () => {
  const { log, kinds } = logAt()
  for (let run = 0; run < 5; run += 1)
    for (const picture of [starting, running, stopping, running]) log.note('one', picture)
  expect(kinds(0)).toEqual(['status', 'phase', 'status', 'ready'])
})

test('a new follower gets the present run, and an earlier follower everything since its last event', () => {
  const { log, kinds } = logAt()
  for (const picture of [starting, running]) log.note('one', picture)
  const seen = log.newest()
  log.note('one', stopping)
  expect(kinds()).toEqual(['status', 'phase'])
  expect(kinds(seen - 1)).toEqual(['ready', 'status', 'phase'])
})

// Trouble (progress): one run has endless events
test('the log of one run is bounded', () => {
  const { log, kinds } = logAt()
  for (let at = 0; at < 10_000; at += 1) log.note('one', at % 2 ? starting : stopping)
  expect(kinds(0)).toHaveLength(200)
  for (let place = 10_000; place > 0; place -= 1) log.note('two', { ...starting, activity: 'queued', place })
  expect(log.since('two', null).map(({ event }) => event)).toEqual([
    expect.objectContaining({ kind: 'status' }),
    expect.objectContaining({ kind: 'phase' }),
    { kind: 'queued', place: 1 },
  ])
})

test('the log knows the number of an event until it has forgotten later events', () => {
  const { log } = logAt()
  log.note('one', starting)
  log.note('one', running)
  const seen = log.newest()
  expect(log.knows('one', 1)).toBe(true)
  expect(log.knows('one', seen + 1)).toBe(false)
  log.forget('one')
  expect(log.knows('one', 1)).toBe(false)
  expect(log.knows('one', seen)).toBe(true)
})

test('a warning wakes a follower, and stays in the log of the run', async () => {
  const { log, kinds } = logAt()
  const news = log.next('one', { signal: new AbortController().signal })
  log.notify('one', {
    kind: 'warning',
    cause: 'idle-pause',
    action: 'pause',
    at: 1,
    givenAt: 0,
    reason: 'Unused for 25 minutes.',
  })
  await news
  log.note('one', running)
  expect(kinds()).toEqual(['warning'])
})

test('a move in the queue wakes the followers of queued environments only', async () => {
  const { log } = logAt()
  const { signal } = new AbortController()
  const woken: string[] = []
  log.note('one', { ...starting, activity: 'queued', place: 2 })
  log.note('two', starting)
  for (const id of ['one', 'two']) void log.next(id, { signal }).then(() => woken.push(id))
  log.moved()
  await Promise.resolve()
  expect(woken).toEqual(['one'])
})

test('the same picture again wakes no follower', async () => {
  const { log } = logAt()
  let woken = false
  log.note('one', starting)
  void log.next('one', new AbortController()).then(() => (woken = true))
  log.note('one', { ...starting })
  await Promise.resolve()
  expect(woken).toBe(false)
})

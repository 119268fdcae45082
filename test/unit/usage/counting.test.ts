import { expect, test } from 'vitest'
import type { TreeCount } from '../../../src/domain/usage/count.ts'
import { hourMs, type PlaceCount } from '../../../src/domain/usage/place.ts'
import type { Uncounted } from '../../../src/ports/usage-counter.ts'
import type { UsageStore } from '../../../src/ports/usage-store.ts'
import { createCounting } from '../../../src/usage/counting.ts'
import { keepCounting } from '../../../src/usage/keep-counting.ts'
import { createLedger } from '../../../src/usage/ledger.ts'

function memoryStore(): UsageStore & { places: Map<string, PlaceCount> } {
  const places = new Map<string, PlaceCount>()
  return {
    places,
    latest: async () => [...places.values()],
    async record(counts) {
      for (const each of counts) places.set(each.path, each)
    },
    async forget(paths) {
      for (const path of paths) places.delete(path)
    },
    history: async () => [],
    prune: async () => {},
  }
}

const tree = (name: string, bytes: number, parts: string[] = []): TreeCount => {
  const count = { bytes, sizeBytes: bytes, files: 1, folders: 1 }
  return { tree: name, count, missed: 0, biggest: [], parts: parts.map((path) => ({ path, count })) }
}

/** A lab whose counter finds those trees, and whose clock jumps instead of sleeping. `store`: what an earlier process has recorded. */
function open({ trees = [] as TreeCount[], uncounted = [] as Uncounted[], store = memoryStore() } = {}) {
  const ledger = createLedger(store)
  const found = { trees, uncounted, onCount: () => {} }
  const counts: boolean[] = []
  const closing = new AbortController()
  const clock = {
    time: 1_700_000_000_000,
    now: () => clock.time,
    steady: () => clock.time,
    after: () => () => {},
    async sleep(ms: number) {
      clock.time += ms
    },
  }
  const counting = createCounting({
    counter: {
      async count({ full }, onCounted) {
        counts.push(full)
        found.onCount()
        found.trees.forEach(onCounted)
        return found.uncounted
      },
    },
    ledger,
    store,
    stopSubvolumes: () => false,
    clock,
    closing: closing.signal,
    onEnd: async () => {},
  })
  return { store, ledger, counting, counts, found, clock, closing }
}

test('a count records each tree with its parts, and forgets what is gone, unless something could not be counted', async () => {
  const lab = open({ trees: [tree('users/alice', 5), tree('shared', 9, ['datasets', 'datasets/iris'])] })
  await lab.counting.count({ full: true })
  expect([...lab.store.places.keys()]).toEqual(['users/alice', 'shared', 'shared/datasets', 'shared/datasets/iris'])
  lab.found.trees = [tree('shared', 9)]
  lab.found.uncounted = [{ tree: 'users/alice', reason: 'its disk does not answer' }]
  await lab.counting.count({ full: false })
  expect(lab.store.places.has('users/alice')).toBe(true)
  lab.found.uncounted = []
  await lab.counting.count({ full: false })
  expect([...lab.store.places.keys()]).toEqual(['shared'])
})

test('who asks while a count is under way joins it', async () => {
  const lab = open()
  const both = Promise.all([lab.counting.count({ full: true }), lab.counting.count({ full: false })])
  expect(lab.counting.isCounting()).toBe(true)
  const [one, other] = await both
  expect(one).toBe(other)
  expect({ counts: lab.counts, isCounting: lab.counting.isCounting() }).toEqual({ counts: [true], isCounting: false })
})

// Trouble (cost): a disk breaks off each count, and the names of all files that are written from then on stay in memory
test('a count that fails has ended for the ledger too', async () => {
  const lab = open()
  lab.found.onCount = () => {
    throw new Error('the disk does not answer')
  }
  await expect(lab.counting.count({ full: true })).rejects.toThrow('does not answer')
  lab.ledger.wrote('users/alice', 5, 'file')
  const alice = { ...tree('users/alice', 100), path: 'users/alice', countedAt: 1, fullAt: null }
  await lab.ledger.record([alice])
  // Written after a count, it is in what that has found.
  expect(await lab.ledger.usedBytes('users/alice')).toBe(100)
})

test('what the service writes counts at once, until a count that began after it', async () => {
  const lab = open({ trees: [tree('users/alice', 100)] })
  expect(await lab.ledger.usedBytes('users/alice')).toBe(0)
  await lab.counting.count({ full: false })
  lab.ledger.wrote('users/alice', 30)
  expect(await lab.ledger.usedBytes('users/alice')).toBe(130)
  // Written while it is counted: nobody knows whether the count has seen it.
  lab.found.onCount = () => lab.ledger.wrote('users/alice', 5)
  await lab.counting.count({ full: false })
  expect(await lab.ledger.usedBytes('users/alice')).toBe(105)
  lab.found.onCount = () => {}
  await lab.counting.count({ full: false })
  expect(await lab.ledger.usedBytes('users/alice')).toBe(100)
  lab.ledger.wrote('users/alice', -1000)
  expect(await lab.ledger.usedBytes('users/alice')).toBe(0)
})

test('the time of the last full count stays with the figures of quick counts', async () => {
  const lab = open({ trees: [tree('users/alice', 1)] })
  await lab.counting.count({ full: true })
  const fullAt = lab.store.places.get('users/alice')?.fullAt
  lab.clock.time += hourMs
  await lab.counting.count({ full: false })
  expect(lab.store.places.get('users/alice')).toMatchObject({ fullAt, countedAt: expect.any(Number) })
  expect(fullAt).toBeTypeOf('number')
})

/** Lets the service run for so many hours; gives the kind of each count, by the hour in which it began. */
async function run(
  lab: ReturnType<typeof open>,
  hours: number,
  everyMs: number | null,
  nextFull: (after: number) => number | null,
) {
  const startedAt = lab.clock.now()
  const log: string[] = []
  lab.found.onCount = () => {
    const hour = Math.floor((lab.clock.now() - startedAt) / hourMs)
    log.push(`${hour} ${lab.counts.at(-1) ? 'full' : 'quick'}`)
  }
  const ending = new AbortController()
  const sleep = async (ms: number) => {
    lab.clock.time += ms
    if (lab.clock.now() - startedAt >= hours * hourMs) ending.abort()
  }
  const { counting, ledger, clock } = lab
  const onError = (error: unknown) => void log.push(String(error))
  await keepCounting(
    { counting, ledger, everyMs, nextFull, clock: { ...clock, now: clock.now, sleep }, onError },
    ending,
  )
  return log
}

test('counts come at the interval, and a full one at its time', async () => {
  const lab = open({ trees: [tree('users/alice', 1)] })
  const begin = lab.clock.now()
  const at = begin + 2.5 * hourMs
  const log = await run(lab, 5, hourMs, (after) => (after < at ? at : null))
  expect(log).toEqual(['0 quick', '1 quick', '2 quick', '2 full', '3 quick', '4 quick'])
})

// Trouble (files): the service restarts, and forgets what people have written since the last count
test('the first count begins a minute after the start, however young the figures of an earlier process are', async () => {
  const before = open({ trees: [tree('users/alice', 1)] })
  await before.counting.count({ full: false })
  before.ledger.wrote('users/alice', 30)
  const lab = open({ trees: [tree('users/alice', 31)], store: before.store })
  const startedAt = lab.clock.now()
  expect(await run(lab, 0.5, hourMs, () => null)).toEqual(['0 quick'])
  expect(lab.counting.last()?.startedAt).toBe(startedAt + 60_000)
  expect(await lab.ledger.usedBytes('users/alice')).toBe(31)
})

test('a count that somebody asked for puts off the next one', async () => {
  const lab = open({ trees: [tree('users/alice', 1)] })
  await lab.counting.count({ full: false })
  expect(await run(lab, 1.5, hourMs, () => null)).toEqual(['1 quick'])
})

test('without an interval only the schedule counts, also after a restart', async () => {
  const lab = open({ trees: [tree('users/alice', 1)] })
  expect(await run(lab, 3, null, () => null)).toEqual([])
})

test('a full count that was missed is made up for at the start, once, even in an empty lab', async () => {
  const lab = open()
  expect(await run(lab, 3, null, (after) => after + 24 * hourMs)).toEqual(['0 full'])
})

test('a count that fails is tried again at the next interval, not at once', async () => {
  const lab = open()
  lab.found.trees = [tree('users/alice', 1)]
  lab.store.record = () => Promise.reject(new Error('no room'))
  const log = await run(lab, 2.5, hourMs, () => null)
  expect(log).toEqual(['0 quick', 'Error: no room', '1 quick', 'Error: no room', '2 quick', 'Error: no room'])
})

import { expect, test } from 'vitest'
import type { PlaceCount } from '../../../src/domain/usage/place.ts'
import type { UsageStore } from '../../../src/ports/usage-store.ts'
import { createLedger } from '../../../src/usage/ledger.ts'
import { collectGarbage } from '../../support/collect-garbage.ts'

const none: Pick<UsageStore, 'record' | 'forget' | 'history' | 'prune'> = {
  record: async () => {},
  forget: async () => {},
  history: async () => [],
  prune: async () => {},
}
const alice: PlaceCount = {
  ...{ path: 'users/alice', missed: 0, biggest: [], countedAt: 1, fullAt: null },
  count: { bytes: 5, sizeBytes: 5, files: 1, folders: 1 },
}

test('a slow reading of the figures does not take the place of what was recorded meanwhile', async () => {
  const slow = Promise.withResolvers<PlaceCount[]>()
  const answers = [Promise.resolve([]), slow.promise]
  const ledger = createLedger({ ...none, latest: () => answers.shift() ?? slow.promise })
  const both = [ledger.all(), ledger.all()]
  await both[0]
  await ledger.record([alice])
  slow.resolve([])
  await both[1]
  expect(await ledger.of(alice.path)).toEqual(alice)
})

test('figures that could not be read are read again', async () => {
  let isBusy = true
  const latest = async () => {
    if (isBusy) throw new Error('busy')
    return [alice]
  }
  const ledger = createLedger({ ...none, latest })
  await expect(ledger.all()).rejects.toThrow('busy')
  isBusy = false
  expect(await ledger.all()).toEqual([alice])
})

const written = (ledger: ReturnType<typeof createLedger>) => ledger.usedBytes(alice.path)

test('what the service writes into a folder counts before the first count too', async () => {
  const ledger = createLedger({ ...none, latest: async () => [] })
  expect(await written(ledger)).toBe(0)
  ledger.wrote(alice.path, 3)
  ledger.beginCount()
  ledger.wrote(alice.path, 1)
  expect(await written(ledger)).toBe(4)
  await ledger.record([alice])
  expect(await written(ledger)).toBe(6)
})

// Trouble (files): a person replaces a large file by an empty one while their folder is counted, and again by a large one
test('what goes while a folder is counted is not taken off what the count has found', async () => {
  const ledger = createLedger({ ...none, latest: async () => [{ ...alice, count: { ...alice.count, bytes: 100 } }] })
  ledger.beginCount()
  ledger.wrote(alice.path, -95)
  expect(await written(ledger)).toBe(5)
  await ledger.record([alice])
  expect(await written(ledger)).toBe(5)
  ledger.beginCount()
  ledger.wrote(alice.path, -5) // the count sees neither the file of before nor that of later
  ledger.wrote(alice.path, 5)
  await ledger.record([{ ...alice, count: { ...alice.count, bytes: 0 } }])
  expect(await written(ledger)).toBe(5)
})

// Trouble (files): a program writes the same large file again and again while its folder is counted
test('a file that is written again and again while a folder is counted counts once, and each file by itself', async () => {
  const ledger = createLedger({ ...none, latest: async () => [] })
  const nothingFound = { ...alice, count: { ...alice.count, bytes: 0 } }
  ledger.beginCount()
  for (let turn = 0; turn < 30; turn += 1) for (const bytes of [500, -500]) ledger.wrote(alice.path, bytes, 'large')
  ledger.wrote(alice.path, 500, 'large')
  ledger.wrote(alice.path, 7, 'small')
  ledger.wrote(alice.path, -20, 'of before') // the count may see it before or after its content comes back
  ledger.wrote(alice.path, 20, 'of before')
  await ledger.record([nothingFound])
  expect(await written(ledger)).toBe(527)
  ledger.wrote(alice.path, -500, 'large')
  expect(await written(ledger)).toBe(27)
  ledger.beginCount()
  ledger.wrote(alice.path, 30, 'large')
  await ledger.record([nothingFound])
  expect(await written(ledger)).toBe(30)
})

// Trouble (cost): a program writes more and more files, each with a long path, during a count and after it
test('of a folder, 10,000 files are told apart during a count, and none after it', async () => {
  const ledger = createLedger({ ...none, latest: async () => [] })
  const writeMany = (path = alice.path) => {
    for (let file = 0; file < 10_000; file += 1) ledger.wrote(path, 1, Buffer.alloc(1_000, `${file} `).toString())
  }
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const count = ledger.beginCount()
  writeMany()
  for (const bytes of [500, -500, 500]) ledger.wrote(alice.path, bytes, 'one more')
  await ledger.record([alice])
  expect(await written(ledger)).toBe(11_005)
  count[Symbol.dispose]()
  writeMany()
  ledger.beginCount()[Symbol.dispose]() // it failed
  writeMany()
  writeMany('users/bob')
  collectGarbage()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
  expect(await written(ledger)).toBe(31_005)
})

test('what was written into a folder that a count of everything does not find any more is forgotten', async () => {
  const ledger = createLedger({ ...none, latest: async () => [] })
  ledger.wrote(alice.path, 3)
  ledger.beginCount()
  ledger.wrote(alice.path, 1)
  await ledger.keepOnly(new Set(['users/bob']))
  expect(await written(ledger)).toBe(1)
})

// Trouble (files): a count ends while a restore copies a large file, which that count does not see
test('what is announced for a folder counts whatever is counted meanwhile, and what has come counts once', async () => {
  const ledger = createLedger({ ...none, latest: async () => [alice] })
  const coming = ledger.announce(alice.path, 10)
  ledger.announce('users/bob', 100)
  expect(await written(ledger)).toBe(15)
  ledger.beginCount()
  await ledger.record([alice])
  expect(await written(ledger)).toBe(15)
  coming.came(4)
  expect(await written(ledger)).toBe(15)
  coming[Symbol.dispose]()
  expect(await written(ledger)).toBe(9)
})

// Trouble (files): a person deletes a large folder and brings it back at once, and it counts twice
test('what comes back counts once, whether a count has missed it meanwhile or not', async () => {
  const ledger = createLedger({ ...none, latest: async () => [] })
  await ledger.record([{ ...alice, countedAt: 7 }])
  await ledger.cameBack(alice.path, 5, 8)
  expect(await written(ledger)).toBe(5)
  ledger.beginCount()
  await ledger.record([{ ...alice, countedAt: 9, count: { ...alice.count, bytes: 0 } }])
  await ledger.cameBack(alice.path, 5, 8)
  expect(await written(ledger)).toBe(5)
})

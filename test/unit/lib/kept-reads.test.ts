import { expect, test } from 'vitest'
import { createKeptReads } from '../../../src/lib/kept-reads.ts'

function openReads(keptAtMost = 10) {
  let changes = 0
  let reads = 0
  const kept = createKeptReads<number | null>(() => `${changes}`, keptAtMost)
  return {
    change: () => (changes += 1),
    read: (key = 'key', during?: () => void) =>
      kept(key, async () => {
        during?.()
        reads += 1
        return reads
      }),
  }
}

test('a value is read once, until something changes', async () => {
  const { read, change } = openReads()
  expect([await read(), await read(), await read('other'), await read()]).toEqual([1, 1, 2, 1])
  change()
  expect([await read(), await read(), await read('other')]).toEqual([3, 3, 4])
})

// Trouble (authority): something changes during a read, so the value may be of before the change
test('a value that was read while something changed is not kept', async () => {
  const { read, change } = openReads()
  expect(await read('key', change)).toBe(1)
  expect(await read()).toBe(2)
  let other: Promise<unknown> | undefined
  const crossing = () => {
    change()
    other = read('other')
  }
  const crossed = await read('crossed', crossing)
  await other
  expect(await read('crossed')).not.toBe(crossed)
})

test('no more values are kept than the bound allows', async () => {
  const { read } = openReads(2)
  expect([await read('a'), await read('b'), await read('c'), await read('a')]).toEqual([1, 2, 3, 4])
})

test('reads that overlap keep no more values than the bound allows', async () => {
  const { read } = openReads(2)
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => read(key)))
  const again = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => read(key)))
  expect(again.filter((value) => value !== null && value <= 5)).toHaveLength(1)
})

import { expect, test } from 'vitest'
import { createFactsOf, type Facts } from '../../../src/files/datasets.ts'

type Uses = Parameters<typeof createFactsOf>[0]

function reader(read: Uses['read']) {
  const at = { now: 0 }
  const entry = { version: '1', sizeBytes: 4 }
  const open = async () => ({ entry, read: () => [Buffer.from('text')], [Symbol.asyncDispose]: async () => {} })
  const trees = { open } as unknown as Uses['trees']
  return { at, entry, factsOf: createFactsOf({ trees, read, clock: { steady: () => at.now } }) }
}

test('what a dataset says is read once until its file changes', async () => {
  let reads = 0
  const { entry, factsOf } = reader(async (): Promise<Facts> => {
    reads += 1
    return { title: String(reads) }
  })
  expect([await factsOf('a'), await factsOf('a')]).toEqual([{ title: '1' }, { title: '1' }])
  entry.version = '2'
  expect(await factsOf('a')).toEqual({ title: '2' })
})

test('a file that took too long to read is read again a minute later, and not before', async () => {
  let isBusy = true
  const { at, factsOf } = reader(async () => {
    if (isBusy) throw new Error('it took too long')
    return { title: 'Rain' }
  })
  const tooLong = { wrong: 'dataset.yaml: it took too long' }
  expect(await factsOf('a')).toEqual(tooLong)
  isBusy = false
  at.now = 59_999
  expect(await factsOf('a')).toEqual(tooLong)
  at.now = 60_000
  expect(await factsOf('a')).toEqual({ title: 'Rain' })
})

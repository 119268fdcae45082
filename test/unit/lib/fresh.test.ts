import { expect, test } from 'vitest'
import { Fresh } from '../../../src/lib/fresh.ts'

test('callers share work that begins after their call, and at most one run waits', async () => {
  const runs: PromiseWithResolvers<number>[] = []
  const fresh = new Fresh(() => {
    runs.push(Promise.withResolvers<number>())
    return runs.at(-1)?.promise ?? Promise.resolve(0)
  })
  const first = fresh.run()
  const later = [fresh.run(), fresh.run()]
  expect(runs).toHaveLength(1)
  runs[0]?.resolve(1)
  expect(await first).toBe(1)
  await expect.poll(() => runs.length).toBe(2)
  runs[1]?.resolve(2)
  expect(await Promise.all(later)).toEqual([2, 2])
})

test('work that fails does so for its own callers, and the next ones get a new run', async () => {
  const ends = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  let runs = 0
  const fresh = new Fresh(() => ends[runs++]?.promise ?? Promise.resolve(0))
  const [first, second] = [fresh.run(), fresh.run()]
  ends[0]?.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  ends[1]?.resolve(2)
  expect(await second).toBe(2)
})

import { expect, test } from 'vitest'
import { eachDespiteFailures } from '../../../src/lib/each-despite-failures.ts'

test('work is done for every item, and all failures are told together at the end', async () => {
  const done: number[] = []
  const working = eachDespiteFailures([1, 2, 3, 4], 'Some failed.', async (item) => {
    if (item % 2 === 0) throw new Error(`${item} failed`)
    done.push(item)
  })
  await expect(working).rejects.toMatchObject({
    message: 'Some failed.',
    errors: [new Error('2 failed'), new Error('4 failed')],
  })
  expect(done).toEqual([1, 3])
  await eachDespiteFailures([1], 'Some failed.', async () => {})
})

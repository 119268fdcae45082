import { expect, test } from 'vitest'
import { eachOf } from '../../../src/lib/each-of.ts'

function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number
}

test('each item is done once, with a bounded number at a time', async () => {
  const done: number[] = []
  let [now, most] = [0, 0]
  await eachOf(numbers(20), 3, async (number) => {
    now += 1
    most = Math.max(most, now)
    await new Promise((resolve) => setImmediate(resolve))
    done.push(number)
    now -= 1
  })
  expect([done.toSorted((a, b) => a - b), most]).toEqual([Array.from({ length: 20 }, (_, index) => index), 3])
})

test('the error of an item is thrown', async () => {
  await expect(
    eachOf(numbers(3), 2, async (number) => {
      if (number === 1) throw new Error('one')
    }),
  ).rejects.toThrow('one')
})

test('after an error no further item is begun, and the work under way ends first', async () => {
  const begun: number[] = []
  let isEnded = false
  const running = eachOf(numbers(9), 2, async (number) => {
    begun.push(number)
    if (number === 0) throw new Error('zero')
    await new Promise((resolve) => setImmediate(resolve))
    isEnded = true
  })
  await expect(running).rejects.toThrow('zero')
  expect([begun, isEnded]).toEqual([[0, 1], true])
})

import { expect, test } from 'vitest'
import { createCalls } from '../../../src/disk/calls.ts'

const never = () => new Promise<never>(() => {})
const soon = async () => {
  await new Promise((resolve) => setImmediate(resolve))
  return 'answer'
}

test('a place has a bounded number of calls at a time, and the others wait for their turn', async () => {
  const at = createCalls({ each: 2, all: 3, limitMs: 5_000 })
  let [now, most] = [0, 0]
  const call = async () => {
    now += 1
    most = Math.max(most, now)
    await soon()
    now -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => at('one')(call)))
  expect(most).toBe(2)
  await Promise.all(['one', 'two', 'three'].flatMap((place) => Array.from({ length: 20 }, () => at(place)(call))))
  expect(most).toBe(3)
})

test('places that hang are abandoned, refused at once, and leave something to every other place', async () => {
  const at = createCalls({ each: 4, all: 10, limitMs: 20 })
  for (const place of ['one', 'two', 'three', 'four']) {
    const calls = Array.from({ length: 6 }, () => at(place)(never))
    for (const call of calls) await expect(call).rejects.toThrow(`${place}: the file system does not answer`)
    let isBegun = false
    await expect(
      at(place)(async () => {
        isBegun = true
      }),
    ).rejects.toThrow('does not answer')
    expect(isBegun).toBe(false)
    // Eight hang after two places. A third has one call, and so has a fourth.
    if (place !== 'four') expect(await at('well')(soon)).toBe('answer')
  }
})

test('what comes after its caller has gone is dropped, and the place is well again', async () => {
  const at = createCalls({ each: 1, all: 1, limitMs: 20 })
  const late = Promise.withResolvers<string>()
  const dropped: string[] = []
  await expect(at('one')(() => late.promise, { drop: (value) => dropped.push(value) })).rejects.toThrow('not answer')
  const closed: string[] = []
  const closing = at('one')(async () => void closed.push('closed'), { mustRun: true })
  await expect(closing).rejects.toThrow('not answer')
  late.resolve('late')
  await soon()
  expect(await at('one')(soon)).toBe('answer')
  expect([dropped, closed]).toEqual([['late'], ['closed']])
})

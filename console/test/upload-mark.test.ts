import { expect, test } from 'vitest'
import { markOf } from '../src/uploads/mark.ts'

const file = (first: string, middle: string, last: string) => new Blob([first, middle.repeat(70_000), last])

test('two files of one size are told apart by how they begin or end', async () => {
  const one = await markOf(file('a', '-', 'z'))
  expect(await markOf(file('a', '-', 'z'))).toBe(one)
  expect(await markOf(file('b', '-', 'z'))).not.toBe(one)
  expect(await markOf(file('a', '-', 'y'))).not.toBe(one)
})

test('short and empty files have a mark too', async () => {
  const marks = await Promise.all(['', 'a', 'b'].map((text) => markOf(new Blob([text]))))
  expect(new Set(marks).size).toBe(3)
})

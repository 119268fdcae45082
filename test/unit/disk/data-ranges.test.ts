import { expect, test } from 'vitest'
import { union } from '../../../src/disk/data-ranges.ts'

test('union joins the data ranges of two files', () => {
  const range = (start: number, end: number) => ({ start, end })
  expect(union([], [])).toEqual([])
  expect(union([range(0, 4), range(20, 30)], [range(2, 10), range(10, 12), range(40, 50)])).toEqual([
    range(0, 12),
    range(20, 30),
    range(40, 50),
  ])
})

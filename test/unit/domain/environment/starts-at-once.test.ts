import { expect, test } from 'vitest'
import { startsAtOnce } from '../../../../src/domain/environment/starts-at-once.ts'

test('two environments per core may start at once, fewer if memory is short, but always one', () => {
  const gibibyte = 2 ** 30
  expect(startsAtOnce({ cores: 2, memoryBytes: 24 * gibibyte })).toBe(4)
  expect(startsAtOnce({ cores: 64, memoryBytes: 16 * gibibyte })).toBe(16)
  expect(startsAtOnce({ cores: 1, memoryBytes: gibibyte / 2 })).toBe(1)
})

import { expect, test } from 'vitest'
import { weightInTrash } from '../../../../src/domain/usage/weight-in-trash.ts'

test('each name in the trash weighs 1 KiB at least', () => {
  expect(weightInTrash(0, 1)).toBe(1_024)
  expect(weightInTrash(8_192, 1_000_000)).toBe(1_000_000 * 1_024)
  expect(weightInTrash(2 ** 20 / 3, 2)).toBe(349_525)
})

import { expect, test } from 'vitest'
import { durationMs, sizeBytes } from '../../../src/domain/units.ts'

test.each([
  ['250ms', 250],
  ['60s', 60_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['2d', 172_800_000],
])('the duration %s is %i ms', (text, expected) => {
  expect(durationMs.parse(text)).toBe(expected)
})

test.each(['60', '1.5h', '-1s', 's', '1 h', '1w', ''])('%j is no duration', (text) => {
  expect(durationMs.safeParse(text).success).toBe(false)
})

test.each([
  ['512MiB', 536_870_912],
  ['8GiB', 8_589_934_592],
  ['1TiB', 1_099_511_627_776],
])('the size %s is %i bytes', (text, expected) => {
  expect(sizeBytes.parse(text)).toBe(expected)
})

test.each(['8', '8G', '8GB', '1.5GiB', 'GiB'])('%j is no size', (text) => {
  expect(sizeBytes.safeParse(text).success).toBe(false)
})

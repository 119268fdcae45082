import { expect, test } from 'vitest'
import { durationMs, limitMs, sizeBytes } from '../../../src/domain/units.ts'

const bounded = durationMs({ atLeast: '250ms', atMost: '24h' })

test.each([
  ['250ms', 250],
  ['60s', 60_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['1d', 86_400_000],
])('the duration %s is %i ms', (text, expected) => {
  expect(bounded.parse(text)).toBe(expected)
})

test.each(['60', '1.5h', '-1s', 's', '1 h', '1w', ''])('%j is no duration', (text) => {
  expect(bounded.safeParse(text).success).toBe(false)
})

// Trouble (input): a duration of 0s makes a busy loop, and one of 30d overflows a timer
test.each(['0s', '249ms', '86400001ms', '25h', '30d', `${'9'.repeat(400)}d`])(
  'the duration %s is out of bounds',
  (text) => {
    expect(bounded.safeParse(text).error?.issues[0]?.message).toBe('write at least 250ms and at most 24h')
  },
)

test('a limit is off or between a second and a year', () => {
  expect(['off', '1s', '365d'].map((text) => limitMs.parse(text))).toEqual([null, 1000, 31_536_000_000])
  for (const text of ['0s', '999ms', '366d']) {
    expect(limitMs.safeParse(text).error?.issues[0]?.message).toBe(
      'write at least 1s and at most 365d, or off to switch it off',
    )
  }
})

test('a size that JavaScript cannot count is refused', () => {
  expect(sizeBytes.parse('8191TiB')).toBe(8191 * 2 ** 40)
  expect(sizeBytes.safeParse('8192TiB').error?.issues[0]?.message).toBe('write a size of at most 8191TiB')
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

import { expect, test } from 'vitest'
import { restartDelayMs, startsLately, startsWithinMs } from '../../../../src/domain/environment/backoff.ts'

test('the first restart comes at once, and each later one waits longer, up to a minute', () => {
  expect([0, 1, 2, 3, 4].map(restartDelayMs)).toEqual([0, 0, 1_000, 3_000, 9_000])
  expect(restartDelayMs(40)).toBe(60_000)
})

test('a start counts for ten minutes', () => {
  expect(startsLately([1_000, 2_000], 1_000 + startsWithinMs)).toEqual([2_000])
})

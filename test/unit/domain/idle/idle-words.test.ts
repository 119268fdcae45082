import { expect, test } from 'vitest'
import { durationWords, idleWords, warningWords } from '../../../../src/domain/idle/idle-words.ts'

test.each([
  [250, '250 milliseconds'],
  [1_000, '1 second'],
  [90_000, '1.5 minutes'],
  [1_800_000, '30 minutes'],
  [3_600_000, '1 hour'],
  [86_400_000, '24 hours'],
  [172_800_000, '2 days'],
])('%i ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})

const paused = { cause: 'idle-pause', afterMs: 1_800_000, at: 1 } as const
const stopped = { cause: 'idle-stop', afterMs: 43_200_000, at: 1 } as const

test('the reason of a pause or stop by the service is shown as long as it applies', () => {
  expect(idleWords({ desired: 'paused', idleAction: paused })).toBe('Paused after 30 minutes without activity.')
  expect(idleWords({ desired: 'stopped', idleAction: stopped })).toBe('Stopped after 12 hours without activity.')
  expect(idleWords({ desired: 'stopped', idleAction: { ...stopped, cause: 'max-runtime' } })).toBe(
    'Stopped after 12 hours, the longest that it may run.',
  )
  expect(idleWords({ desired: 'running', idleAction: stopped })).toBeNull()
  expect(idleWords({ desired: 'stopped', idleAction: paused })).toBeNull() // its container ended while it was paused
  expect(idleWords({ desired: 'stopped', idleAction: null })).toBeNull()
})

test('a warning says what will happen, when, and why', () => {
  expect(warningWords('idle-pause', 1_800_000, 300_000)).toBe(
    'It is paused in 5 minutes, after 30 minutes without activity.',
  )
  expect(warningWords('max-runtime', 86_400_000, 300_000)).toBe(
    'It is stopped in 5 minutes: it may run for 24 hours at most.',
  )
})

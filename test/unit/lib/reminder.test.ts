import { expect, test } from 'vitest'
import { createReminder } from '../../../src/lib/reminder.ts'

// Trouble (worst): a state that stays fills the log with one line every two seconds
test('a text is to be said when it is new, and again after an hour of the same', () => {
  let now = 0
  const isToSay = createReminder(() => now, 3_600_000)
  expect([isToSay('away'), isToSay('away')]).toEqual([true, false])
  expect([isToSay('full'), isToSay('away')]).toEqual([true, true])
  now = 3_599_999
  expect(isToSay('away')).toBe(false)
  now = 3_600_000
  expect([isToSay('away'), isToSay('away')]).toEqual([true, false])
})

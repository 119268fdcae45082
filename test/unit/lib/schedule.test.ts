import { expect, test } from 'vitest'
import { isSchedule, nextTime } from '../../../src/lib/schedule.ts'

test('the next time of a cron expression is in the time zone of the machine', () => {
  const after = new Date(2026, 10, 24, 12).getTime()
  expect(nextTime('30 3 * * *', after)).toBe(new Date(2026, 10, 25, 3, 30).getTime())
  expect(nextTime('0 0 30 2 *', after)).toBeNull()
})

test.each([
  ['30 3 * * *', true],
  ['0 4 * * SUN', true],
  ['daily', false],
  ['61 * * * *', false],
  ['* * * * * *', false], // seconds
])('%s: %s', (text, is) => {
  expect(isSchedule(text)).toBe(is)
})

import { expect, test } from 'vitest'
import { computed } from '../../../../src/domain/idle/cpu.ts'

const minute = 60_000

test.each([
  ['computed', 6_000, 2, true],
  ['did not compute', 5_999, 2, false],
  ['did not compute', 0, 2, false],
  ['computed', 1_500, 0.05, true],
  ['did not compute', 1_499, 0.05, false],
])('an environment %s that took %i ms of a minute and may use %s cores', (_, usedMs, cores, answer) => {
  expect(computed({ usedMs: 100, at: 7 }, { usedMs: 100 + usedMs, at: 7 + minute }, cores)).toBe(answer)
})

test('nobody can tell at the first reading, at two of one instant, and after another start', () => {
  const reading = { usedMs: 100, at: minute }
  expect(computed(null, reading, 2)).toBeNull()
  expect(computed(reading, { usedMs: 200, at: minute }, 2)).toBeNull()
  expect(computed(reading, { usedMs: 50, at: 2 * minute }, 2)).toBeNull()
})

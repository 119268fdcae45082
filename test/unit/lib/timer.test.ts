import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/lib/system-clock.ts'
import { timeLimit } from '../../../src/lib/time-limit.ts'
import { startTimer } from '../../../src/lib/timer.ts'

const dayMs = 86_400_000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

// Trouble (known): a wait of more than 24 days overflows the timer and ends after a millisecond
test.each([
  ['a timer', 60 * dayMs, (call: () => void) => startTimer(60 * dayMs, call)],
  ['a call of the clock', 25 * dayMs, (call: () => void) => systemClock.after(25 * dayMs, call)],
  ['a sleep', 30 * dayMs, (call: () => void) => systemClock.sleep(30 * dayMs).then(call)],
])('%s that is longer than a timer of Node.js still comes when due', async (_, ms, begin) => {
  const call = vi.fn()
  begin(call)
  await vi.advanceTimersByTimeAsync(ms - 1)
  expect(call).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(call).toHaveBeenCalledOnce()
})

test('a time limit may be longer than a timer of Node.js', async () => {
  const limited = timeLimit('the work', 30 * dayMs, () => new Promise(() => {}))
  const outcome = expect(limited).rejects.toThrow('the work took longer than')
  await vi.advanceTimersByTimeAsync(30 * dayMs - 1)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  await outcome
})

test('a long timer can be cancelled in its second part too', async () => {
  const call = vi.fn()
  const cancel = startTimer(60 * dayMs, call)
  await vi.advanceTimersByTimeAsync(40 * dayMs)
  cancel()
  await vi.advanceTimersByTimeAsync(40 * dayMs)
  expect(call).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

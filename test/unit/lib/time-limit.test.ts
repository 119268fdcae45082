import { expect, test } from 'vitest'
import { timeLimit } from '../../../src/lib/time-limit.ts'

const never = () => new Promise<never>(() => {})

test('gives what the work gives', async () => {
  expect(await timeLimit('work', 1_000, async () => 42)).toBe(42)
})

test('abandons work that ignores its signal, and says what was waited for', async () => {
  await expect(timeLimit('asking a dead disk', 5, never)).rejects.toThrow('asking a dead disk took longer than 5 ms')
})

test('aborts the signal of the work', async () => {
  let aborted = false
  const work = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (aborted = true)))
  await expect(timeLimit('work', 5, work)).rejects.toThrow()
  expect(aborted).toBe(true)
})

test("the caller's own abort surfaces as its reason", async () => {
  const abort = new AbortController()
  const work = timeLimit('work', 10_000, never, abort)
  abort.abort(new Error('no longer wanted'))
  await expect(work).rejects.toThrow('no longer wanted')
})

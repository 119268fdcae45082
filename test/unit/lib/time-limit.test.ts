import { expect, test } from 'vitest'
import { timeLimit } from '../../../src/lib/time-limit.ts'

const never = () => new Promise<never>(() => {})

test('gives the result of the work', async () => {
  expect(await timeLimit('work', 1_000, async () => 42)).toBe(42)
})

test('abandons work that ignores its signal, and names the work', async () => {
  await expect(timeLimit('asking a dead disk', 5, never)).rejects.toThrow('asking a dead disk took longer than 5 ms')
})

test('aborts the signal of the work', async () => {
  let aborted = false
  const work = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (aborted = true)))
  await expect(timeLimit('work', 5, work)).rejects.toThrow()
  expect(aborted).toBe(true)
})

test("rejects with the caller's reason when the caller aborts", async () => {
  const abort = new AbortController()
  const work = timeLimit('work', 10_000, never, abort)
  abort.abort(new Error('no longer wanted'))
  await expect(work).rejects.toThrow('no longer wanted')
})

import { expect, test } from 'vitest'
import { createUntilProven } from '../../../src/jobs/until-proven.ts'

/** Proofs of an engine that comes back after that time. */
function engineBackAfter(backMs: number) {
  let nowMs = 0
  const told: string[] = []
  const untilProven = createUntilProven({
    prove: async () => {
      if (nowMs < backMs) throw new Error('the engine does not answer')
      return { status: nowMs < backMs + 4_000 ? 'unproven' : 'proven', findings: [], checkedAt: 0 }
    },
    clock: {
      steady: () => nowMs,
      async sleep(ms) {
        nowMs += ms
      },
    },
  })
  const wait = (signal: AbortSignal) => untilProven({ signal, tell: ({ doing }) => void told.push(doing) })
  return { wait, told, now: () => nowMs }
}

test('a job that goes on waits until the engine is back and the root is proven, and says so', async () => {
  const { wait, told, now } = engineBackAfter(60_000)
  await wait(new AbortController().signal)
  expect(now()).toBe(64_000)
  expect(told).toEqual(['waiting until the data root is proven', 'going on'])
})

test('it waits ten minutes at most', async () => {
  const { wait, now } = engineBackAfter(3_600_000)
  await wait(new AbortController().signal)
  expect(now()).toBe(600_000)
})

test('a job that does not have to wait says nothing of it', async () => {
  const { wait, told, now } = engineBackAfter(-4_000)
  await wait(new AbortController().signal)
  expect([now(), told]).toEqual([0, []])
})

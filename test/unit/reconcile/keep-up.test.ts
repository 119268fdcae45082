import { expect, test } from 'vitest'
import { keepUp } from '../../../src/reconcile/keep-up.ts'

/** The seconds of the sweeps within a minute and a half, while one status is unknown for a part of that time. */
async function sweeps({ unknownFrom, unknownTo }: { unknownFrom: number; unknownTo: number }): Promise<number[]> {
  const end = new AbortController()
  const { signal } = end
  let now = 0
  const swept: number[] = []
  const clock = {
    steady: () => now,
    async sleep(ms: number) {
      now += ms
      if (now >= 90_000) end.abort()
    },
  }
  const engine = {
    async *events() {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  }
  const reconciler = {
    wake() {},
    ranOutOfMemory() {},
    sweep: async () => void swept.push(now / 1000),
    census: () => ({ unknown: now >= unknownFrom * 1000 && now < unknownTo * 1000 ? 1 : 0 }) as never,
  }
  const onError = (error: unknown) => expect.unreachable(String(error))
  await keepUp({ engine, reconciler, clock, onError }, { signal })
  return swept
}

// Trouble (input): the engine fails a call once
test('a sweep comes every 30 s, and every 5 s while the status of an environment is unknown', async () => {
  expect(await sweeps({ unknownFrom: 0, unknownTo: 0 })).toEqual([0, 30, 60])
  expect(await sweeps({ unknownFrom: 32, unknownTo: 42 })).toEqual([0, 30, 35, 40, 70])
})

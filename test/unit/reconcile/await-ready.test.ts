import { expect, test } from 'vitest'
import type { Container, Environment } from '../../../src/domain/environment.ts'
import { awaitReady } from '../../../src/reconcile/await-ready.ts'

const launch = { readyPath: '/', readyWithinMs: 60_000 }
const environment = { id: 'e1', token: 's', launch } as Environment
const { signal } = new AbortController()

/** A container that answers, or ends, after so long; the time of day jumps by hours meanwhile. */
async function wait(
  jumpHours: number,
  { answersAfterMs = Number.POSITIVE_INFINITY, endsAfterMs = Number.POSITIVE_INFINITY },
) {
  const begin = 1_000
  let now = begin
  const clock = {
    now: () => now + (now - begin < 1_000 ? 0 : jumpHours * 3_600_000),
    steady: () => now,
    async sleep(ms: number) {
      now += ms
    },
  }
  const engine = {
    inspect: async () =>
      ({
        state: now - begin >= endsAfterMs ? 'exited' : 'running',
        ...{ name: 'e1', exitCode: 1, outOfMemory: false, address: { host: '127.0.0.1', port: 1 } },
      }) as Container,
    logs: async () => [],
  }
  const probe = async () => (now - begin >= answersAfterMs ? 200 : null)
  const outcome = await awaitReady(environment, { engine, probe, clock }, { startedHere: true, signal }).then(
    () => 'ready',
    ({ code }) => code,
  )
  return { outcome, tookMs: now - begin }
}

test.each([3, -5])('the time of day jumps by %i hours: one has its time to get ready, and no more', async (hours) => {
  expect(await wait(hours, { answersAfterMs: 59_000 })).toEqual({ outcome: 'ready', tookMs: 59_000 })
  expect(await wait(hours, {})).toEqual({ outcome: 'not-ready-in-time', tookMs: 60_000 })
})

test.each([3, -5])(
  'the time of day jumps by %i hours: the end of one that does not answer yet is seen all the same',
  async (hours) => {
    const { outcome, tookMs } = await wait(hours, { endsAfterMs: 2_000 })
    expect(outcome).toBe('environment-exited')
    expect(tookMs).toBeLessThanOrEqual(2_500)
  },
)

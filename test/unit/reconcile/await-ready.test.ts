import { expect, test } from 'vitest'
import type { Container, Environment } from '../../../src/domain/environment/environment.ts'
import { awaitReady } from '../../../src/reconcile/await-ready.ts'
import { safeStartCures } from '../../../src/reconcile/ended.ts'

const launch = { readyPath: '/', readyWithinMs: 60_000, port: 8888 }
const environment = { id: 'e1', token: 's', launch } as Environment
const { signal } = new AbortController()

/** Waits for a container that answers or ends after the given time; the time of day jumps meanwhile. */
async function wait(
  jumpHours: number,
  {
    answersAfterMs = Number.POSITIVE_INFINITY,
    endsAfterMs = Number.POSITIVE_INFINITY,
    answersAtFirst = null as number | null,
    log = [] as string[],
  },
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
    wasStopped: async () => false,
    logs: async () => ({ lines: log.map((text) => ({ stream: 'stderr' as const, text })), isCut: false }),
  }
  const memoryLimit = async () => ({ bytes: 2 ** 30, tier: null })
  let probes = 0
  const probe = async () => {
    probes += 1
    return now - begin >= answersAfterMs ? 200 : answersAtFirst
  }
  const outcome = await awaitReady(
    environment,
    { engine, probe, clock, memoryLimit },
    { startedHere: true, signal },
  ).then(
    () => ({ outcome: 'ready', words: '' }),
    ({ code, detail }) => ({ outcome: code, words: detail }),
  )
  return { ...outcome, tookMs: now - begin, probes }
}

test.each([3, -5])('a jump of %i hours neither shortens nor lengthens the time to get ready', async (hours) => {
  const { outcome, tookMs } = await wait(hours, { answersAfterMs: 59_000 })
  expect(outcome).toBe('ready')
  expect(tookMs).toBeLessThanOrEqual(59_250)
  const late = await wait(hours, {})
  expect(late.outcome).toBe('not-ready-in-time')
  expect(late.tookMs).toBeLessThanOrEqual(60_250)
})

// Trouble (worst): many environments never get ready
test('a slow environment is asked less often, and found ready at most a hundredth later', async () => {
  const { probes } = await wait(0, {})
  expect(probes).toBeLessThan(1_000)
  for (const answersAfterMs of [100, 1_500, 10_000]) {
    const { tookMs } = await wait(0, { answersAfterMs })
    expect(tookMs - answersAfterMs).toBeLessThanOrEqual(Math.max(10, answersAfterMs / 100))
  }
})

test.each([3, -5])(
  'the end of a starting container is seen although the time of day jumps by %i hours',
  async (hours) => {
    const { outcome, tookMs } = await wait(hours, { endsAfterMs: 2_000 })
    expect(outcome).toBe('environment-exited')
    expect(tookMs).toBeLessThanOrEqual(3_000)
  },
)

test("the failure of an environment that is not ready in time has its port's answer and its last words", async () => {
  const words = async (how: Parameters<typeof wait>[1]) => (await wait(0, how)).words
  const late = 'It was not ready within 60 s after its start'
  expect(await words({})).toBe(`${late}: nothing answered on its port 8888. ${safeStartCures}`)
  expect(await words({ answersAtFirst: 503, log: ['one moment'] })).toBe(
    `${late}: its server answered with status 503 on its port 8888. ${safeStartCures} Its last words:\none moment`,
  )
})

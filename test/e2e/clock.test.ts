/** The service's time of day jumps by hours, forward and back, so that it differs from the engine's. */
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { createJumpingClock, type JumpingClock } from './support/jumping-clock.ts'
import { createNotebook, untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf, type TinyFolder } from './support/tiny.ts'

const idleMs = 8_000

let tiny: TinyFolder
let clock: JumpingClock
let service: RunningService
beforeAll(async () => {
  tiny = await createTinyFolder('clock')
  clock = await createJumpingClock(join(tiny.folder, 'clock'))
  service = await startService({ env: { ...tiny.catalog, ...clock.env } })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await tiny[Symbol.asyncDispose]()
})
beforeEach(() => clock.jumpTo(0))

const act = (id: string, action: string) => service.call('POST', `/api/environments/${id}/${action}`)
const startOf = (id: string) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)

/** How many events of these kinds the engine has for one environment. */
async function eventsOf(id: string, ...events: string[]): Promise<number> {
  const filters = [`label=ai-lab.environment=${id}`, ...events.map((event) => `event=${event}`)]
  const span = ['--since', '10m', '--until', new Date().toISOString()]
  const text = await docker('events', ...span, ...filters.flatMap((filter) => ['--filter', filter]))
  return text.split('\n').filter(Boolean).length
}

/** When the service made its newest proof, by its own time of day. */
async function provenAt(): Promise<number> {
  const { body } = await service.call('GET', '/api/health')
  return Date.parse(body.checks.mounts.checked_at)
}

// Trouble (desired): the time of day jumps by hours
test.each([3, -5])(
  'after a jump of %i hours the service neither stops nor restarts an environment, and makes a new proof',
  async (hours) => {
    const { id } = await createTiny(service)
    const before = await startOf(id)
    await clock.jumpTo(hours)
    await expect.poll(async () => Math.abs((await provenAt()) - Date.now() - hours * 3_600_000)).toBeLessThan(60_000)
    await untilStatus(service, id, 'running')
    expect((await service.call('GET', '/api/health')).body.status).toBe('healthy')
    const other = await createTiny(service)
    expect(other.status).toBe('running')
    expect([await startOf(id), await eventsOf(id, 'start'), await eventsOf(id, 'die')]).toEqual([before, 1, 0])
  },
)

// Trouble (desired): the time of day jumps by hours
test.each([3, -5])(
  'after a jump of %i hours the service restarts once when asked, respects docker stop, and recovers from docker kill',
  async (hours) => {
    const { id } = await createTiny(service)
    await clock.jumpTo(hours)
    await act(id, 'restart')
    await expect.poll(() => eventsOf(id, 'start')).toBe(2)
    await untilStatus(service, id, 'running')
    await docker('kill', id)
    await expect.poll(() => eventsOf(id, 'start')).toBe(3)
    await untilStatus(service, id, 'running')
    await docker('stop', id)
    await untilStatus(service, id, 'exited')
    await act(id, 'restart')
    await untilStatus(service, id, 'running')
    expect(await eventsOf(id, 'start')).toBe(4)
  },
)

// Trouble (desired): the time of day jumps by hours while the service is away
test.each([3, -5])('a jump of %i hours while the service is away causes no second restart', async (hours) => {
  const { id } = await createTiny(service)
  await act(id, 'stop')
  await untilStatus(service, id, 'exited')
  await service.end()
  await clock.jumpTo(hours)
  await service.startAgain()
  await untilStatus(service, id, 'exited')
  await act(id, 'restart')
  await untilStatus(service, id, 'running')
  const before = await startOf(id)
  const { id: other } = await createTiny(service) // once it runs, the service has made another round
  await untilStatus(service, other, 'running')
  expect([await startOf(id), await eventsOf(id, 'start')]).toEqual([before, 2])
})

// Trouble (desired): the time of day jumps by hours
test('after a jump, a starting environment keeps its time to get ready, and a container that keeps ending waits before each start', async () => {
  const { body } = await service.call('POST', '/api/environments', { body: { template: 'slow' } })
  const waits = new RegExp(`"environment":"${body.id}","msg":"wait until the environment answers"`)
  await expect.poll(() => service.output()).toMatch(waits)
  await clock.jumpTo(3)
  expect((await untilStatus(service, body.id, 'running')).status_reason).toBe(null)

  const { id } = await createTiny(service)
  for (const starts of [2, 3]) {
    await docker('kill', id)
    await expect.poll(() => eventsOf(id, 'start')).toBe(starts)
    await untilStatus(service, id, 'running')
  }
  await clock.jumpTo(6)
  await docker('kill', id)
  const reason = async () => (await environmentOf(service, id)).status_reason
  await expect.poll(reason).toContain('It is started again after 3 s.')
  await clock.jumpTo(-6)
  await untilStatus(service, id, 'running')
})

// Trouble (idleness): the time of day jumps
test('after a jump the service pauses an unused notebook no sooner and no later, and does not count the jump as running time', async () => {
  const limits = { IDLE_PAUSE_AFTER: `${idleMs}ms`, IDLE_STOP_AFTER: '30m', MAX_RUNTIME: '1h' }
  await using notebooks = await startService({ env: { ...clock.env, ...limits } })
  let activeAt = performance.now()
  const { id } = await createNotebook(notebooks)
  // The first look goes by the time of day: there is no earlier look to measure from.
  await expect.poll(async () => (await environmentOf(notebooks, id)).last_activity).not.toBe(null)
  for (const hours of [3, -5]) {
    await clock.jumpTo(hours)
    await untilStatus(notebooks, id, 'paused')
    expect(performance.now() - activeAt).toBeGreaterThan(idleMs)
    activeAt = performance.now()
    await notebooks.call('POST', `/api/environments/${id}/resume`)
    await untilStatus(notebooks, id, 'running')
  }
  expect(notebooks.output()).toContain('"action":"pause"')
  expect(notebooks.output()).not.toContain('"action":"stop"')
})

/** While the engine answers 500, the service does nothing on a guess; afterwards everything goes on. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type FailingProxy, startFailingProxy } from '../support/failing-proxy.ts'
import { containersWith, docker } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf, type TinyFolder } from './support/tiny.ts'

const soon = 15_000

let tiny: TinyFolder
let proxy: FailingProxy
let service: RunningService
beforeAll(async () => {
  tiny = await createTinyFolder('engine-errors')
  proxy = await startFailingProxy()
  const env = { ...tiny.catalog, DOCKER_HOST: proxy.socket, PROOF_INTERVAL: '1s' }
  service = await startService({ env, folder: tiny.folder })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
  await tiny[Symbol.asyncDispose]()
})

afterEach(() => proxy.heal())

/** The statuses that people see until so many calls have failed. */
async function statusesUntil(failures: number, ...ids: string[]): Promise<Set<string>> {
  const seen = new Set<string>()
  while (proxy.failures < failures) for (const id of ids) seen.add((await environmentOf(service, id)).status)
  return seen
}

const startOf = (id: string) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id)

/** The engine's events since then: creations, starts and removals of this service's containers. */
async function doneSince(since: number): Promise<string> {
  const span = ['--since', (since / 1000).toFixed(3), '--until', (Date.now() / 1000).toFixed(3)]
  const filters = [`label=ai-lab.root=${service.rootId}`, 'event=create', 'event=start', 'event=destroy']
  return docker('events', ...span, ...filters.flatMap((filter) => ['--filter', filter]))
}

// Trouble (desired): the engine answers 500 to everything
test('while the engine answers 500 to everything, environments are unknown, and nothing is made; then the same containers go on', async () => {
  const [{ id }, ended, stopped] = [await createTiny(service), await createTiny(service), await createTiny(service)]
  await service.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(service, stopped.id, 'exited')
  const kept = join(service.dataDir, 'users/admin/kept.txt')
  await writeFile(kept, 'kept')
  const containers = async () => (await startOf(id)) + (await docker('inspect', '--format', '{{.Id}}', ended.id))
  const before = await containers()

  proxy.fail(/./)
  const failedAt = Date.now()
  await untilStatus(service, id, 'unknown')
  await docker('kill', ended.id)
  const refused = await service.call('POST', '/api/environments', { body: { template: 'tiny' } })
  expect([refused.status, refused.body.type]).toEqual([503, '/problems/engine-unavailable'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  await service.call('POST', `/api/environments/${stopped.id}/start`)
  const seen = await statusesUntil(60, id, ended.id, stopped.id)
  expect([...seen]).toEqual(['unknown'])
  expect((await environmentOf(service, id)).status_reason).toContain('The container engine')
  expect((await service.call('GET', '/api/health')).status).toBe(503)
  expect(await doneSince(failedAt)).toBe('')

  proxy.heal()
  for (const each of [id, ended.id, stopped.id]) await untilStatus(service, each, 'running')
  expect(await containers()).toBe(before)
  expect(await docker('exec', id, 'cat', '/home/jovyan/data/kept.txt')).toBe('kept')
  expect(await readFile(kept, 'utf8')).toBe('kept')
  expect((await createTiny(service)).status).toBe('running')
})

// Trouble (desired): the engine answers 500 to its events, its list, or about one container
test.each([
  ['its events', /GET \/events/],
  ['its list of containers', /GET \/containers\/json/],
  ['questions about one container', /GET \/containers\/[^/]+\/json/],
])('while the engine answers 500 to %s, a killed environment is never exited, then runs again', async (_, calls) => {
  const { id } = await createTiny(service)
  const container = await docker('inspect', '--format', '{{.Id}}', id)
  proxy.fail(calls)
  await docker('kill', id)
  const seen = await statusesUntil(3, id)
  expect([...seen].filter((status) => status === 'exited' || status === 'failed')).toEqual([])
  proxy.heal()
  await untilStatus(service, id, 'running', soon)
  expect(await docker('inspect', '--format', '{{.Id}}', id)).toBe(container)
})

const create = /POST \/containers\/create/
const start = /POST \/containers\/[^/]+\/start/

// Trouble (desired): the engine answers 500 to a creation or a start, carried out or not
test.each([
  ['creation that it did not carry out', create, false],
  ['creation that it carried out', create, true],
  ['start that it did not carry out', start, false],
  ['start that it carried out', start, true],
])('the engine answers 500 to a %s: the service waits, and makes no second container', async (_, calls, carriedOut) => {
  proxy.fail(calls, { carriedOut })
  const { body } = await service.call('POST', '/api/environments', { body: { template: 'tiny' } })
  const seen = await statusesUntil(1, body.id)
  expect([...seen].filter((status) => status === 'exited' || status === 'failed')).toEqual([])
  const started = carriedOut && calls === start ? await startOf(body.id) : null
  proxy.heal()
  const environment = await untilStatus(service, body.id, 'running', soon)
  expect(environment.status_reason).toBe(null)
  expect(await containersWith(`ai-lab.environment=${body.id}`)).toEqual([body.id])
  if (started !== null) expect(await startOf(body.id)).toBe(started)
})

/** One person reads a long log a thousand times at once: everybody else notices nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseScrape } from '../support/scrape.ts'
import { docker } from './support/docker.ts'
import { type RunningService, startService } from './support/service.ts'
import { createTinyFolder, type TinyFolder } from './support/tiny.ts'

const mebibyte = 2 ** 20
const reads = 1000
// This includes the memory that Node keeps for a thousand connections.
const growthAtMost = 200 * mebibyte

let tiny: TinyFolder
let service: RunningService
beforeAll(async () => {
  tiny = await createTinyFolder('crowded')
  service = await startService({ env: tiny.catalog, folder: tiny.folder })
})
afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

async function userToken(id: string): Promise<string> {
  await service.call('POST', '/api/users', { body: { id } })
  return (await service.call('POST', '/api/tokens', { body: { user_id: id, name: 'test' } })).body.token
}

async function residentBytes(): Promise<number> {
  const { samples } = parseScrape((await service.call('GET', '/metrics')).body)
  return samples.find(({ name }) => name === 'process_resident_memory_bytes')?.value ?? Number.NaN
}

// Trouble (cost): a thousand reads of a long log take the memory and the engine from everybody else
test('the service bounds a thousand reads of a 30 MB log, and their memory, while another person starts an environment', async () => {
  const [token, other] = [await userToken('alice@lab'), await userToken('bob@lab')]
  const prefer = { prefer: 'wait=60' }
  const asAlice = { body: { template: 'tiny' }, token, headers: prefer }
  const { id } = (await service.call('POST', '/api/environments', asAlice)).body
  // Lines of 3 KB, until its log is as long as it may get.
  await docker('exec', id, 'perl', '-e', 'open O, ">", "/proc/1/fd/1"; print O "x" x 3000, "\n" for 1 .. 10_500')
  const path = `/api/environments/${id}/logs?tail=10000`
  const { body: log } = await service.call('GET', path, { token })
  expect(log.length).toBeGreaterThan(mebibyte - 5_000)

  const before = await residentBytes()
  const flood = Promise.all(
    Array.from({ length: reads }, async () => (await service.call('GET', path, { token })).status),
  )
  const his = await service.call('POST', '/api/environments', { ...asAlice, token: other })
  expect(his.body.status).toBe('running')
  const statuses = await flood
  expect([...new Set(statuses)].toSorted()).toEqual([200, 429])
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(reads / 2)
  expect((await residentBytes()) - before).toBeLessThan(growthAtMost)
  expect((await service.call('GET', '/api/health')).body.status).toBe('healthy')
  expect((await service.call('GET', path, { token })).status).toBe(200)
})

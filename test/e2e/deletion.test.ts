/** An environment that is deleted during its start, or used during its deletion, goes with its container; its files stay. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChance } from './support/chance.ts'
import { containersWith } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const seed = Number(process.env.DELETION_SEED ?? Date.now() % 1_000_000)
const creations = 30
const latestDeletionMs = 1_500

let tiny: TinyFolder
let service: RunningService
beforeAll(async () => {
  tiny = await createTinyFolder('deletion')
  service = await startService({ env: tiny.catalog })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await tiny[Symbol.asyncDispose]()
})

const path = (id: string, action = '') => `/api/environments/${id}${action}`

async function begin(template: string): Promise<string> {
  const { status, body } = await service.call('POST', '/api/environments', { body: { template } })
  expect(status).toBe(202)
  return body.id
}

async function untilGone(...ids: string[]): Promise<void> {
  const statuses = () => Promise.all(ids.map(async (id) => (await service.call('GET', path(id))).status))
  await expect.poll(statuses, { timeout: 60_000 }).toEqual(ids.map(() => 404))
  for (const id of ids) expect(await containersWith(`ai-lab.environment=${id}`)).toEqual([])
}

// Trouble (desired): an environment is deleted while it starts, on the real engine
test(`an environment deleted at a random instant of its start goes with its container; its files stay (DELETION_SEED=${seed})`, async () => {
  const { int } = createChance(seed)
  await createTiny(service)
  const kept = join(service.dataDir, 'users/admin/kept.txt')
  await writeFile(kept, 'kept')
  const one = async (template: string, afterMs: number) => {
    const id = await begin(template)
    await sleep(afterMs)
    expect((await service.call('DELETE', path(id))).status).toBe(202)
    return id
  }
  const ids = await Promise.all(
    Array.from({ length: creations }, () => one(int(2) === 0 ? 'tiny' : 'slow', int(latestDeletionMs))),
  )
  await untilGone(...ids)
  expect(await readFile(kept, 'utf8')).toBe('kept')
  expect(service.output()).not.toContain('"level":50')
})

// Trouble (desired): an environment is started while it is being deleted, on the real engine
test('an environment that is being deleted refuses every action, and is deleted all the same', async () => {
  const { id } = await createTiny(service, { template: 'lingering' })
  await service.call('POST', path(id, '/stop'))
  await untilStatus(service, id, 'stopping')
  expect((await service.call('DELETE', path(id))).status).toBe(202)
  // All at once: a moment later it is gone.
  const actions = ['start', 'restart', 'recreate', 'stop']
  const answers = await Promise.all(actions.map((action) => service.call('POST', path(id, `/${action}`))))
  for (const { status, body } of answers) expect([status, body.detail]).toEqual([409, `${id} is being deleted.`])
  expect((await service.call('DELETE', path(id))).status).toBe(202)
  await untilGone(id)
})

// Trouble (desired): an environment is started while it is being deleted, on the real engine
test('an environment that is deleted and started at the same instant is gone in the end', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, async () => (await createTiny(service)).id as string))
  const answers = await Promise.all(
    ids.flatMap((id) => [
      service.call('POST', path(id, '/restart')),
      service.call('DELETE', path(id)),
      service.call('POST', path(id, '/start')),
    ]),
  )
  for (const { status } of answers) expect([202, 404, 409]).toContain(status)
  await untilGone(...ids)
})

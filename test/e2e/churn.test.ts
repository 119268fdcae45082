/** Containers come and go while the proof looks at them: it raises no false alarm and misses no real fault. */
import { execFile } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const execute = promisify(execFile)
const checks = rounds(1_000)
const checksOfStale = rounds(100)

let tiny: TinyFolder
let service: RunningService
let administrators: string[]
beforeAll(async () => {
  tiny = await createTinyFolder('churn')
  service = await startService({ env: { ...tiny.catalog, STARTS_AT_ONCE: '1' } })
  administrators = await Promise.all(Array.from({ length: 40 }, (_, index) => administratorToken(`admin-${index}@lab`)))
})
afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

async function administratorToken(id: string): Promise<string> {
  await service.call('POST', '/api/users', { body: { id, role: 'admin' } })
  return (await service.call('POST', '/api/tokens', { body: { user_id: id, name: 'test', role: 'admin' } })).body.token
}

/** Creates, restarts and deletes environments, ten at a time, until the signal aborts. */
function churn(signal: AbortSignal): Promise<unknown> {
  const change = (method: string, path: string) =>
    service.call(method, `/api/environments/${path}`, { headers: { prefer: 'wait=30' } })
  async function comeAndGo(): Promise<void> {
    while (!signal.aborted) {
      const { id } = await createTiny(service)
      await change('POST', `${id}/restart`)
      await change('DELETE', id)
    }
  }
  return Promise.all(Array.from({ length: 10 }, comeAndGo))
}

/**
 * Runs the check so many times, one after another. Gives the findings of each, and the answers that were no examination.
 * The service makes everybody rest after a check, so the administrators check in turn.
 */
async function check(times: number): Promise<{ found: Json[][]; refused: Json[] }> {
  const found: Json[][] = []
  const refused: Json[] = []
  for (let round = 0; round < times; round += 1) {
    const [token = ''] = administrators.splice(0, 1)
    administrators.push(token)
    const { status, body } = await service.call('POST', '/api/data/consistency', { token })
    if (status === 200) found.push(body.findings)
    else refused.push(body)
  }
  return { found, refused }
}

// Trouble (mounts): a container ends while the proof looks at it
test(`${checks} checks find nothing wrong while ten containers come and go, and none is refused`, async () => {
  const leaving = new AbortController()
  const churning = churn(leaving.signal)
  const { found, refused } = await check(checks).finally(() => leaving.abort())
  await churning
  expect(refused).toEqual([])
  expect(found.flat()).toEqual([])
}, 900_000)

// Trouble (mounts): a folder is replaced under an environment while other containers come and go
test(`each of ${checksOfStale} checks finds a stale mount while ten containers come and go`, async () => {
  await service.call('POST', '/api/users', { body: { id: 'stale@lab' } })
  const { id } = await createTiny(service, { user_id: 'stale@lab' })
  const folder = join(service.dataDir, 'users/stale@lab')
  await rename(folder, `${folder}-away`)
  await execute('cp', ['-a', `${folder}-away`, folder])
  const leaving = new AbortController()
  const churning = churn(leaving.signal)
  const { found, refused } = await check(checksOfStale).finally(() => leaving.abort())
  await churning
  expect(refused).toEqual([])
  const stale = { code: 'stale-mount', severity: 'error', environment_id: id }
  expect(found).toEqual(Array.from({ length: checksOfStale }, () => [expect.objectContaining(stale)]))
}, 300_000)

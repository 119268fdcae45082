import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverUrl } from '../support/server-url.ts'
import { createDisk } from './support/disk.ts'
import { untilStatus } from './support/notebook.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { startService } from './support/service.ts'
import { createTinyFolder, type TinyFolder } from './support/tiny.ts'

const diskIsLateByMs = 20_000

let tiny: TinyFolder
beforeAll(async () => {
  tiny = await createTinyFolder('reboot')
})
afterAll(() => tiny?.[Symbol.asyncDispose]())

// Trouble (mounts): after a reboot the disk is late by 20 s
test('after a reboot nothing runs until the disk is there; then every environment that ran runs again, on the same files', async () => {
  const { folder, catalog } = tiny
  await using engine = await startOwnEngine(folder, 'debian:trixie-slim')
  const dataDir = join(folder, 'ai-lab-data')
  await using disk = await createDisk(dataDir)
  const env = { ...catalog, DATA_DIR: dataDir, DOCKER_HOST: engine.socket, PROOF_INTERVAL: '1s' }
  await using service = await startService({ env, folder, through: engine.inItsNetwork })
  const create = async () => {
    const options = { body: { template: 'tiny' }, headers: { prefer: 'wait=60' } }
    const { body } = await service.call('POST', '/api/environments', options)
    expect(body).toMatchObject({ status: 'running' })
    return body
  }
  const ids = [(await create()).id, (await create()).id]
  const addresses = () => Promise.all(ids.map(async (id) => new URL(await serverUrl(id, engine.docker)).origin))
  const before = await addresses()
  const { id: stopped } = await create()
  await service.call('POST', `/api/environments/${stopped}/stop`)
  await untilStatus(service, stopped, 'exited')
  await writeFile(join(dataDir, 'users/admin/kept.txt'), 'kept')
  await writeFile(join(dataDir, 'shared/notice.txt'), 'for all')
  await expect.poll(() => engine.docker('volume', 'ls', '--quiet')).toContain('ai-lab-root-')

  // The power is cut; the disk comes late.
  await service.end('SIGKILL')
  await engine.cutPower()
  await disk.unplug()
  await engine.start()
  await service.startAgain()
  const mountedAt = Date.now() + diskIsLateByMs
  while (Date.now() < mountedAt) {
    expect(await engine.docker('ps', '--quiet')).toBe('')
    expect((await service.call('GET', '/api/health', { token: null })).body.status).toBe('unhealthy')
    await sleep(1_000)
  }
  await disk.mount()

  // The service then starts to listen again: for an instant nothing listens.
  const health = async () => (await service.call('GET', '/api/health', { token: null })).body.status
  await expect.poll(health, { timeout: 20_000 }).toBe('healthy')
  for (const id of ids) {
    const { mounts } = await untilStatus(service, id, 'running', 60_000)
    expect(mounts).toMatchObject([{ proof: { status: 'proven' } }, { proof: { status: 'proven' } }])
    expect(await engine.docker('exec', id, 'cat', '/home/jovyan/data/kept.txt')).toBe('kept')
    expect(await engine.docker('exec', id, 'cat', '/home/jovyan/shared/notice.txt')).toBe('for all')
  }
  expect(await addresses()).toEqual(before)
  await untilStatus(service, stopped, 'exited')
  const { body } = await service.call('POST', '/api/data/consistency')
  expect([body.status, body.findings]).toEqual(['proven', []])
  expect(await readFile(join(dataDir, 'users/admin/kept.txt'), 'utf8')).toBe('kept')
  await service.end()
})

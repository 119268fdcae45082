/** The disk on which the engine keeps its containers has no room left. */
import { execFile } from 'node:child_process'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createDisk } from './support/disk.ts'
import { untilStatus } from './support/notebook.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder } from './support/tiny.ts'

const execute = promisify(execFile)

// Trouble (desired): the engine's own disk is full
test("when the engine's disk is full, starts wait with the reason and running environments go on; with room again, they start by themselves", async () => {
  await using tiny = await createTinyFolder('full-engine')
  const { folder } = tiny
  await using _disk = await createDisk(join(folder, 'lib'), '512M')
  await using engine = await startOwnEngine(folder, 'debian:trixie-slim')
  const env = { ...tiny.catalog, DOCKER_HOST: engine.socket, PROOF_INTERVAL: '1s' }
  await using service = await startService({ env, through: engine.inItsNetwork })
  const [going, stopped] = [await createTiny(service), await createTiny(service)]
  await service.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(service, stopped.id, 'exited')
  await service.call('POST', '/api/users', { body: { id: 'demo@ailab.com' } })
  const { body: token } = await service.call('POST', '/api/tokens', {
    body: { user_id: 'demo@ailab.com', name: 'test' },
  })
  const containers = () => engine.docker('ps', '--all', '--no-trunc', '--quiet', '--filter', 'label=ai-lab.environment')
  const before = await containers()

  const big = join(folder, 'lib/big')
  await fillDisk(big)
  const refused = await service.call('POST', '/api/environments', { body: { template: 'tiny' }, token: token.token })
  expect([refused.status, refused.body.type]).toEqual([507, '/problems/no-room'])
  expect(refused.body.detail).toBe("Could not look at the data root: there is no room left on the engine's disk.")
  await service.call('POST', `/api/environments/${stopped.id}/start`)
  const waiting = async () => (await service.call('GET', `/api/environments/${stopped.id}`)).body
  await expect.poll(async () => (await waiting()).status_reason).toContain('no space left on device')
  expect((await waiting()).status).not.toBe('failed')
  const health = async () => (await service.call('GET', '/api/health')).body
  await expect.poll(async () => (await health()).checks.mounts.detail).toContain('no space left on device')
  expect((await health()).checks.engine.status).toBe('healthy')

  expect((await untilStatus(service, going.id, 'running')).status_reason).toBe(null)
  await engine.docker('exec', going.id, 'sh', '-c', 'echo kept > /home/jovyan/data/kept.txt')
  expect(await readFile(join(service.dataDir, 'users/admin/kept.txt'), 'utf8')).toBe('kept\n')
  expect(await containers()).toBe(before)
  expect(service.output()).not.toContain('background work failed')

  await rm(big)
  await untilStatus(service, stopped.id, 'running')
  expect(await containers()).toBe(before)
  expect(await engine.docker('exec', stopped.id, 'cat', '/home/jovyan/data/kept.txt')).toBe('kept')
  expect((await createTiny(service)).status).toBe('running')
  await service.end()
})

/**
 * Writes to a file until its disk has no room. After each flush ext4 frees blocks that it had reserved, and the engine
 * frees some of its own once it has tidied up after a stopped container: it is full if a second later there is still no
 * room.
 */
async function fillDisk(file: string): Promise<void> {
  for (let [size, fullTimes] = [-1, 0]; fullTimes < 3; ) {
    await execute('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k', 'oflag=append', 'conv=notrunc,fsync']).catch(() => {})
    const { size: now } = await stat(file)
    fullTimes = now === size ? fullTimes + 1 : 0
    size = now
    if (fullTimes > 0) await sleep(500)
  }
}

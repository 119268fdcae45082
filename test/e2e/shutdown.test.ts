/** The service ends when it is told to, whatever it waits for. */
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createHangingDisk } from './support/disk.ts'
import { docker, probesOf, witnessesOf } from './support/docker.ts'
import { startService } from './support/service.ts'

// Trouble (worst): somebody ends the service while a disk hangs
test('the service ends when told to, even while its disk hangs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'ai-lab-data')
  const onServer = join(folder, 'on-server')
  await mkdir(onServer, { mode: 0o711 })
  await mkdir(dataDir)
  {
    await using disk = await createHangingDisk(onServer, join(dataDir, 'users'))
    await using service = await startService({ env: { DATA_DIR: dataDir, PROOF_INTERVAL: '1s' } })
    await disk.hang()
    try {
      await expect.poll(() => service.call('GET', '/api/health')).toMatchObject({ status: 503 })
      const ended = service.end().then((code) => `ended with ${code}`)
      const given = new Promise((resolve) => setTimeout(resolve, 45_000, 'goes on'))
      expect(await Promise.race([ended, given])).toBe('ended with 0')
    } finally {
      disk.goOn()
    }
  }
  await rm(folder, { recursive: true, force: true })
})

// Trouble (first-hour): each end of the service leaves a container with a name that nobody knows
test('the end of the service leaves no probe, not even that of a service that was killed before; the witness stays', async () => {
  await using service = await startService()
  await expect.poll(() => probesOf(service.rootId)).toHaveLength(1)
  await service.end('SIGKILL')
  expect(await probesOf(service.rootId)).toHaveLength(1)
  await service.startAgain()
  expect(await service.end()).toBe(0)
  expect(await probesOf(service.rootId)).toEqual([])
  expect(await witnessesOf(service.rootId)).toHaveLength(1)
})

test('a service that ends while it waits for its data root leaves no probe', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  const dataDir = join(folder, 'ai-lab-data')
  await using service = await startService({ env: { DATA_DIR: dataDir } })
  await service.end()
  await rename(dataDir, `${dataDir}.away`)
  await mkdir(dataDir)
  await service.startAgain()
  expect((await service.call('GET', '/api/health', { token: null })).status).toBe(503)
  expect(await service.end()).toBe(0)
  const mounts = await docker('ps', '--all', '--no-trunc', '--filter', 'label=ai-lab.probe', '--format', '{{.Mounts}}')
  expect(mounts).not.toContain(dataDir)
  await rm(folder, { recursive: true })
})

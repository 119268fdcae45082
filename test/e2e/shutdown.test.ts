/** The service ends when it is told to, whatever it waits for. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createHangingDisk } from './support/disk.ts'
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
      await expect.poll(async () => (await service.call('GET', '/api/health')).status).toBe(503)
      const ended = service.end().then((code) => `ended with ${code}`)
      const given = new Promise((resolve) => setTimeout(resolve, 45_000, 'goes on'))
      expect(await Promise.race([ended, given])).toBe('ended with 0')
    } finally {
      disk.goOn()
    }
  }
  await rm(folder, { recursive: true, force: true })
})

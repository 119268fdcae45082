/** A service that is killed while it holds environments still for a backup. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

// Trouble (files): kill -9 while environments stand still for a backup
test('after kill -9 in the middle of a backup that pauses, the next start resumes the environments', async () => {
  await using tiny = await createTinyFolder('backup-pause')
  await using service = await startService({ env: { ...tiny.catalog, BACKUP_KEY_FILE: join(tiny.folder, 'key') } })
  const { id, user_id } = await createTiny(service)
  await writeFile(join(service.dataDir, 'users', user_id, 'large'), randomBytes(120 * 2 ** 20))
  const state = async () => (await docker('inspect', '--format', '{{.State.Status}}', id)).trim()
  const { body: job } = await service.call('POST', '/api/admin/backups', { body: { pause: true } })
  await expect.poll(state, { interval: 20, timeout: 20_000 }).toBe('paused')
  await service.end('SIGKILL')
  expect(await state()).toBe('paused')

  await service.startAgain()
  const ended = async () => (await service.call('GET', `/api/jobs/${job.id}`, { headers: { prefer: 'wait=50' } })).body
  expect(await ended()).toMatchObject({ status: 'done', result: { left_out: [] } })
  const status = async () => (await environmentOf(service, id)).status
  await expect.poll(status, { timeout: 20_000 }).toBe('running')
  expect(await state()).toBe('running')
})

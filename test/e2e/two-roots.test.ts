/** One service runs on a data root, another on its copy: both have the same ids, and neither touches the other's containers. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { docker } from './support/docker.ts'
import { untilStatus } from './support/notebook.ts'
import { type Json, startService } from './support/service.ts'
import { createTiny, createTinyFolder, environmentOf } from './support/tiny.ts'

const startOf = (id: string) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.State.Status}}', id)

// Trouble (desired): two services on two copies of one data root
test("two services on two copies of one data root never touch each other's containers", async () => {
  await using tiny = await createTinyFolder('two-roots')
  await using original = await startService({ env: tiny.catalog })
  const [running, stopped] = [await createTiny(original), await createTiny(original)]
  await original.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(original, stopped.id, 'exited')
  await writeFile(join(original.dataDir, 'users/admin/kept.txt'), 'original')
  await original.end()
  const copied = join(tiny.folder, 'ai-lab-data')
  await promisify(execFile)('cp', ['-a', original.dataDir, copied])
  await original.startAgain()
  await untilStatus(original, running.id, 'running')
  const before = [await startOf(running.id), await startOf(stopped.id)]

  await using copy = await startService({ env: { ...tiny.catalog, DATA_DIR: copied }, folder: tiny.folder })
  for (const { id } of [running, stopped]) {
    const { status_reason: reason } = await untilStatus(copy, id, 'failed')
    expect(reason).toContain(original.dataDir)
    for (const action of ['start', 'restart', 'stop']) {
      expect((await copy.call('POST', `/api/environments/${id}/${action}`)).status).toBe(202)
    }
  }
  const mine = await createTiny(copy)
  expect(mine.status).toBe('running')
  const { body: examination } = await original.call('POST', '/api/data/consistency')
  const stray = examination.findings.find(({ code }: Json) => code === 'orphan-container')
  expect([stray.host_path, stray.remedy]).toEqual([
    expect.stringContaining(copied),
    expect.not.stringContaining('docker rm'),
  ])
  await copy.end('SIGKILL')
  await copy.startAgain()
  await untilStatus(copy, mine.id, 'running')
  await original.end('SIGKILL')
  await original.startAgain()
  await untilStatus(original, running.id, 'running')
  for (const { id } of [running, stopped]) {
    await copy.call('DELETE', `/api/environments/${id}`)
    await expect.poll(async () => (await copy.call('GET', `/api/environments/${id}`)).status).toBe(404)
  }
  expect([await startOf(running.id), await startOf(stopped.id)]).toEqual(before)
  expect(await environmentOf(original, mine.id)).toMatchObject({ status: 404 })
  const written = (id: string) => docker('exec', id, 'cat', '/home/jovyan/data/kept.txt')
  await writeFile(join(copied, 'users/admin/kept.txt'), 'copy')
  expect([await written(running.id), await written(mine.id)]).toEqual(['original', 'copy'])
})

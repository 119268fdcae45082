/** The faults of docs/data.md on the real engine: the service sees each split brain, and ends it. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ailab } from './support/ailab.ts'
import { createDisk, createHangingDisk } from './support/disk.ts'
import { containersWith, docker, probesOf, witnessesOf } from './support/docker.ts'
import { createNotebook, type Notebook, notebookOf, untilStatus } from './support/notebook.ts'
import { type Json, type RunningService, startService } from './support/service.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const execute = promisify(execFile)
const often = { PROOF_INTERVAL: '1s' }

let tiny: TinyFolder
let folder: string
/** For tests in which nobody uses a notebook. */
let tinyOften: Record<string, string>
beforeAll(async () => {
  tiny = await createTinyFolder('mounts')
  folder = tiny.folder
  tinyOften = { ...often, ...tiny.catalog }
})
afterAll(() => tiny[Symbol.asyncDispose]())

async function health(service: RunningService): Promise<Json> {
  return (await service.call('GET', '/api/health')).body
}

async function untilHealth(service: RunningService, status: string): Promise<Json> {
  const statuses = async () => {
    const { status: whole, checks } = await health(service)
    // The database is on the same disk, and its check may tell before that of the data root.
    return [whole, status === 'unhealthy' ? checks.data_root.status : whole]
  }
  await expect.poll(statuses, { timeout: 20_000 }).toEqual([status, status])
  return await health(service)
}

async function findings(service: RunningService): Promise<Json[]> {
  return (await service.call('POST', '/api/data/consistency')).body.findings
}

async function codes(service: RunningService): Promise<string[]> {
  return (await findings(service)).map(({ code }) => code)
}

async function expectRefused(service: RunningService, template = 'jupyterlab'): Promise<void> {
  const { status, body } = await service.call('POST', '/api/environments', { body: { template } })
  expect([status, body.type]).toEqual([503, '/problems/data-root-not-proven'])
}

async function proofsOf(service: RunningService, id: string): Promise<string[]> {
  const { body } = await service.call('GET', `/api/environments/${id}`)
  return body.mounts.map(({ proof }: Json) => proof.status)
}

async function save(notebook: Notebook, name: string, content: string): Promise<void> {
  const { status } = await notebook.jupyter('PUT', `contents/data/${name}`, { type: 'file', format: 'text', content })
  expect(status).toBeLessThan(300)
}

async function textIn({ body }: { body: Json }): Promise<string> {
  return body.content
}

test('the proof of an environment has five proven parts, one of them a look from inside', async () => {
  await using service = await startService({ env: often })
  const { id } = await createNotebook(service)
  const { status, body } = await service.call('GET', `/api/environments/${id}/mounts`)
  expect([status, body.status]).toEqual([200, 'proven'])
  expect(body.parts.map(({ part, status: of }: Json) => `${part} ${of}`)).toEqual([
    'identity proven',
    'declared proven',
    'engine proven',
    'inside proven',
    'recorded proven',
  ])
  expect(await service.call('POST', '/api/data/consistency')).toMatchObject({
    body: { status: 'proven', findings: [], environments: [{ id, status: 'proven' }], host_path: service.dataDir },
  })
  const { body: metrics } = await service.call('GET', '/metrics')
  expect(metrics).toMatch(/^ailab_data_root_proven 1$/m)
  expect(metrics).toMatch(/^ailab_environment_mounts\{status="proven"\} 1$/m)
})

// Trouble (mounts): the disk is not mounted when the service starts
test.each(['the disk is the data root', 'the disk holds the data root'])(
  'a service whose disk is not mounted waits, and begins no new data root: %s',
  async (which) => {
    const mountPoint = join(folder, which.replaceAll(' ', '-'))
    await using disk = await createDisk(mountPoint)
    const dataDir = which === 'the disk is the data root' ? mountPoint : join(mountPoint, 'ai-lab-data')
    await using service = await startService({ env: { ...often, DATA_DIR: dataDir } })
    const notebook = await createNotebook(service)
    await save(notebook, 'kept.txt', 'kept')
    await service.call('POST', `/api/environments/${notebook.id}/stop`)
    await untilStatus(service, notebook.id, 'exited')
    const [witness = 'none'] = await witnessesOf(service.rootId)
    await service.end()

    await disk.unplug()
    await service.startAgain()
    const { status, body } = await service.call('GET', '/api/health', { token: null })
    expect([status, body.status, body.checks.data_root.status]).toEqual([503, 'unhealthy', 'unhealthy'])
    expect((await service.call('GET', '/api/health/ready', { token: null })).status).toBe(503)
    expect((await service.call('GET', '/api/health/live', { token: null })).status).toBe(200)
    expect((await service.call('GET', '/metrics')).status).toBe(503)
    await expectRefused(service)
    for (const words of ['data-root-missing', service.rootId, `volume ${witness}`, 'is the disk mounted?', dataDir]) {
      expect(service.output()).toContain(words)
    }
    expect(await readdir(mountPoint)).toEqual([])

    await disk.mount()
    await untilHealth(service, 'healthy')
    await service.call('POST', `/api/environments/${notebook.id}/start`)
    const again = await notebookOf(await untilStatus(service, notebook.id, 'running'))
    expect(await textIn(await again.jupyter('GET', 'contents/data/kept.txt'))).toBe('kept')
    await service.end()
  },
)

// Trouble (first-hour): the data root was removed on purpose, and the service waits for it for ever
test('ailab forget-root lets a new data root begin once the old one is gone, and refuses while it is there', async () => {
  const dataDir = join(folder, 'begun-anew')
  await using service = await startService({ env: { ...often, DATA_DIR: dataDir } })
  await expect.poll(() => witnessesOf(service.rootId)).toHaveLength(1)
  const { rootId } = service
  const forget = (...args: string[]) => ailab(['forget-root', ...args], { ...often, DATA_DIR: dataDir })
  expect(await forget('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('that root is there') })
  await service.end('SIGKILL')
  expect(await probesOf(rootId)).toHaveLength(1)
  await rm(dataDir, { recursive: true })
  await service.startAgain()
  expect(service.output()).toContain('a new one is to begin there: ailab forget-root')
  expect(await forget()).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody to ask') })
  expect(await witnessesOf(rootId)).toHaveLength(1)
  expect(await forget('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('It is forgotten.') })
  expect(await witnessesOf(rootId)).toEqual([])
  expect(await probesOf(rootId)).toEqual([])
  await untilHealth(service, 'healthy')
  await service.learn()
  expect(service.rootId).not.toBe(rootId)
})

// Trouble (mounts): the disk vanishes while three environments run
test('when the disk vanishes under three environments, the service starts and writes nothing, and goes on when it is back', async () => {
  const dataDir = join(folder, 'vanishing')
  await using disk = await createDisk(dataDir)
  await using service = await startService({ env: { ...tinyOften, DATA_DIR: dataDir } })
  const ids: string[] = []
  for (const _ of [1, 2, 3]) ids.push((await createTiny(service)).id)
  await untilHealth(service, 'healthy')

  await disk.unplug()
  const { checks } = await untilHealth(service, 'unhealthy')
  expect(checks.data_root.detail).toContain(dataDir)
  for (const id of ids) {
    expect(await proofsOf(service, id)).toEqual(['unproven', 'unproven'])
    expect((await service.call('GET', `/api/environments/${id}`)).body.status).toBe('running')
  }
  await expectRefused(service, 'tiny')
  expect(await readdir(dataDir)).toEqual([])
  expect(await codes(service)).toContain('data-root-missing')

  await disk.mount()
  await untilHealth(service, 'healthy')
  for (const id of ids) await expect.poll(() => proofsOf(service, id)).toEqual(['proven', 'proven'])
  const errors = service
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":50'))
  expect(errors).toEqual([expect.stringContaining('the data root is not proven')])
  expect(service.output().match(/the data root is proven/g)).toHaveLength(1)
  await service.end()
})

// Trouble (mounts): only `users/` or `shared/` is a disk of its own, and is missing
test.each(['users', 'shared'] as const)('the service names %s/ when only that disk is missing', async (part) => {
  const dataDir = join(folder, `only-${part}`)
  await mkdir(dataDir)
  await using disk = await createDisk(join(dataDir, part))
  await using service = await startService({ env: { ...tinyOften, DATA_DIR: dataDir } })
  await createTiny(service)
  await disk.unplug()
  await untilHealth(service, 'unhealthy')
  const missing = (await findings(service)).find(({ code }) => code === 'marker-missing')
  expect(missing).toMatchObject({ backend_path: join(dataDir, part), host_path: join(dataDir, part) })
  await expectRefused(service, 'tiny')

  // A service that starts without the disk makes nothing in its place either.
  await service.end()
  await service.startAgain()
  await untilHealth(service, 'unhealthy')
  expect(await readdir(join(dataDir, part))).toEqual([])
  await disk.mount()
  await untilHealth(service, 'healthy')
  await service.end()
})

// Trouble (mounts): somebody replaces a folder under a running environment
test("the service finds, from inside a container, that a person's folder was replaced, and recreate cures it", async () => {
  await using service = await startService({ env: often })
  const notebook = await createNotebook(service)
  await save(notebook, 'before.txt', 'before')
  const mine = join(service.dataDir, 'users/admin')
  await rename(mine, `${mine}-away`)
  await execute('cp', ['-a', `${mine}-away`, mine])
  await save(notebook, 'lost.txt', 'written to the folder of before')

  await untilHealth(service, 'degraded')
  const [stale, ...others] = await findings(service)
  expect(others).toEqual([])
  expect(stale).toMatchObject({
    code: 'stale-mount',
    severity: 'error',
    environment_id: notebook.id,
    backend_path: mine,
  })
  // A new mount would see the right folder: only a look from inside shows the fault.
  expect((await service.call('GET', '/api/data/consistency')).body.root.status).toBe('proven')
  expect(await docker('cp', `${notebook.id}:/home/jovyan/data/before.txt`, '-')).toContain('before')
  const shown = (await service.call('GET', `/api/environments/${notebook.id}`)).body
  expect(shown).toMatchObject({ status: 'running', status_reason: expect.stringContaining(mine) })
  expect(await proofsOf(service, notebook.id)).toEqual(['unproven', 'unproven'])

  expect((await service.call('POST', `/api/environments/${notebook.id}/recreate`)).status).toBe(202)
  await untilHealth(service, 'healthy')
  const again = await notebookOf(await untilStatus(service, notebook.id, 'running'))
  expect(await textIn(await again.jupyter('GET', 'contents/data/before.txt'))).toBe('before')
  await save(again, 'after.txt', 'after')
  expect(await readFile(join(mine, 'after.txt'), 'utf8')).toBe('after')
  expect(await readFile(join(`${mine}-away`, 'lost.txt'), 'utf8')).toContain('folder of before')
})

// Trouble (mounts): somebody restores the whole data root from a backup
test('a running service opens a data root again by itself after it was restored from a backup', async () => {
  await using service = await startService({ env: often })
  const notebook = await createNotebook(service)
  const backup = `${service.dataDir}.backup`
  await execute('cp', ['-a', service.dataDir, backup])
  const later = await createNotebook(service, { name: 'not in the backup' })
  await rename(service.dataDir, `${service.dataDir}.broken`)
  await execute('cp', ['-a', backup, service.dataDir])

  await expect
    .poll(() => service.output(), { timeout: 20_000 })
    .toContain('the data root was replaced: it is opened anew')
  await expect.poll(() => codes(service).catch(() => []), { timeout: 20_000 }).toContain('stale-mount')
  const { body } = await service.call('GET', '/api/environments')
  expect(body.items.map(({ id }: Json) => id)).toEqual([notebook.id])
  const orphans = (await service.call('GET', '/api/data/orphans')).body.items
  expect(orphans.filter((orphan: Json) => orphan.root_id === service.rootId)).toMatchObject([
    { id: later.id, user_id: 'admin', template: 'jupyterlab', adoptable: true },
  ])
  for (const id of [notebook.id, later.id]) {
    if (id === later.id) {
      expect((await service.call('POST', `/api/data/orphans/${id}/adopt`)).status).toBe(201)
      expect((await service.call('GET', `/api/environments/${id}`)).body.name).toBe('not in the backup')
    }
    expect((await service.call('POST', `/api/environments/${id}/recreate`)).status).toBe(202)
  }
  await untilHealth(service, 'healthy')
  const names = (await untilStatus(service, later.id, 'running')).mounts
  expect(names).toMatchObject([{ proof: { status: 'proven' } }, { proof: { status: 'proven' } }])
  await rm(backup, { recursive: true })
})

// Trouble (mounts): somebody changes `HOST_DATA_PATH` while environments exist
test('after HOST_DATA_PATH changed, the service names each old environment, starts none, and recreate keeps the data', async () => {
  await using service = await startService({ env: often })
  const notebook = await createNotebook(service)
  await save(notebook, 'kept.txt', 'kept')
  const stopped = await createNotebook(service)
  await service.call('POST', `/api/environments/${stopped.id}/stop`)
  await untilStatus(service, stopped.id, 'exited')
  await service.end()
  const moved = `${service.dataDir}.moved`
  await rename(service.dataDir, moved)
  await service.startAgain({ DATA_DIR: moved })

  await untilHealth(service, 'degraded')
  const drifted = (await findings(service)).filter(({ code }) => code === 'mount-drift')
  expect(new Set(drifted.map(({ environment_id: id }) => id))).toEqual(new Set([notebook.id, stopped.id]))
  expect(drifted[0]?.detail).toContain(service.dataDir)
  expect(drifted[0]?.detail).toContain(moved)
  await service.call('POST', `/api/environments/${stopped.id}/start`)
  await untilStatus(service, stopped.id, 'failed')
  expect(await docker('inspect', '--format', '{{.State.Running}}', stopped.id)).toBe('false')

  for (const id of [notebook.id, stopped.id]) {
    expect((await service.call('POST', `/api/environments/${id}/recreate`)).status).toBe(202)
    const again = await notebookOf(await untilStatus(service, id, 'running'))
    expect(await textIn(await again.jupyter('GET', 'contents/data/kept.txt'))).toBe('kept')
  }
  await untilHealth(service, 'healthy')
  await expect(stat(service.dataDir)).rejects.toThrow('ENOENT')
})

// Trouble (mounts): `users/<id>` belongs to root or to another user
test("when root owns a person's folder, the person gets a sentence, and the administrator the command", async () => {
  await using service = await startService({ env: often })
  await mkdir(join(service.dataDir, 'users/demo@ailab.com'))
  await service.call('POST', '/api/users', { body: { id: 'demo@ailab.com' } })
  const { token } = (await service.call('POST', '/api/tokens', { body: { user_id: 'demo@ailab.com', name: 't' } })).body
  const { body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' }, token })
  const reason = async (as: string) => {
    const found = await service.call('GET', `/api/environments/${body.id}`, { token: as })
    return `${found.body.status}: ${found.body.status_reason}`
  }
  await expect
    .poll(() => reason(token))
    .toBe('pending: Your folder cannot be used as it is. An administrator has to look.')
  const [command = ''] = /chown 1000:100 '.*' && chmod u\+rwx '.*'/.exec(await reason(service.adminToken)) ?? []
  await execute('sh', ['-c', command])
  await service.call('POST', `/api/environments/${body.id}/start`)
  await untilStatus(service, body.id, 'running')
})

// Trouble (mounts): a folder of the data root disappears between two proofs
test('the service is unhealthy within ten seconds after a folder of the data root disappeared', async () => {
  await using service = await startService()
  expect(await findings(service)).toEqual([]) // the first examination is done, the next one is a minute away
  await untilHealth(service, 'healthy')
  const shared = join(service.dataDir, 'shared')
  await rename(shared, `${shared}-away`)
  const ready = async () => (await service.call('GET', '/api/health/ready', { token: null })).status
  await expect.poll(ready, { timeout: 10_000 }).toBe(503)
  expect((await health(service)).checks.data_root).toMatchObject({ codes: ['marker-missing'] })
  await rename(`${shared}-away`, shared)
  await untilHealth(service, 'healthy')
})

// Trouble (mounts): a file system hangs
test('when a disk hangs, the service says so within seconds, still answers, and goes on when the disk does', async () => {
  const dataDir = join(folder, 'hanging')
  const [users, onServer] = [join(dataDir, 'users'), join(folder, 'on-server')]
  await mkdir(onServer, { mode: 0o711 })
  await mkdir(dataDir)
  await using disk = await createHangingDisk(onServer, users)
  await using service = await startService({ env: { ...tinyOften, DATA_DIR: dataDir } })
  const { id } = await createTiny(service)
  await untilHealth(service, 'healthy')

  await disk.hang()
  try {
    await untilHealth(service, 'unhealthy')
    // A proof during which the disk began to hang says only that the engine did not answer; the next one names the disk.
    await expect
      .poll(async () => (await health(service)).checks.data_root.detail)
      .toContain(`${users}/.ai-lab-root: the file system does not answer`)
    await expectRefused(service, 'tiny')
    const startedAt = Date.now()
    for (let round = 0; round < 20; round += 1) {
      expect((await service.call('GET', `/api/environments/${id}`)).body.status).toBe('running')
      expect((await service.call('GET', '/api/health/live', { token: null })).status).toBe(200)
    }
    expect(Date.now() - startedAt).toBeLessThan(5_000) // no call waited for the disk
  } finally {
    disk.goOn()
  }
  await untilHealth(service, 'healthy')
  await expect.poll(() => proofsOf(service, id)).toEqual(['proven', 'proven'])
  await service.end()
})

// Trouble (mounts): a marker is deleted, or belongs to another root
test('the service distinguishes a deleted marker from a marker of another root, and says what to do', async () => {
  await using service = await startService({ env: tinyOften })
  await createTiny(service)
  const marker = join(service.dataDir, 'users/.ai-lab-root')
  await rm(marker)
  await untilHealth(service, 'unhealthy')
  const [missing] = await findings(service)
  expect(missing).toMatchObject({ code: 'marker-missing', detail: expect.stringContaining(marker) })
  const [command = ''] = /echo \S+ > '.*'/.exec(missing.remedy) ?? []
  await execute('sh', ['-c', command])
  await untilHealth(service, 'healthy')

  const other = '00000000-0000-4000-8000-000000000000'
  await writeFile(marker, `${other}\n`)
  await untilHealth(service, 'unhealthy')
  expect((await findings(service))[0]).toMatchObject({ code: 'marker-foreign', detail: expect.stringContaining(other) })
  await expectRefused(service, 'tiny')
  await writeFile(marker, `${service.rootId}\n`)
  await untilHealth(service, 'healthy')
})

// Trouble (mounts): the database is lost, but not the engine
test('a service without its database keeps the containers, and goes on when the database is back', async () => {
  await using service = await startService({ env: tinyOften })
  const { id } = await createTiny(service)
  await service.end()
  const admin = join(service.dataDir, 'admin')
  await rename(admin, `${admin}-away`)
  await service.startAgain()
  await untilHealth(service, 'unhealthy')
  expect(service.output()).toContain('database-missing')
  expect(await containersWith(`ai-lab.root=${service.rootId}`)).toEqual([id])
  await expect(stat(admin)).rejects.toThrow('ENOENT')
  await rename(`${admin}-away`, admin)
  await untilHealth(service, 'healthy')
  await untilStatus(service, id, 'running')
})

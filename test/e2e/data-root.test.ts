import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDisk, createHangingDisk, createQuotaDisk } from './support/disk.ts'
import { containersWith } from './support/docker.ts'
import { createNotebook, untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

const execute = promisify(execFile)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function refusal(service: RunningService): Promise<string> {
  const { status, body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
  expect([status, body.type]).toEqual([503, '/problems/data-root-not-proven'])
  expect(await containersWith(`ai-lab.root=${service.rootId}`)).toEqual([])
  expect((await service.call('GET', '/api/health', { token: null })).status).toBe(503)
  return body.detail
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

// Trouble (input): `HOST_DATA_PATH` names no folder
// Trouble (mounts): `HOST_DATA_PATH` names a folder that does not exist
test('the service refuses environments when HOST_DATA_PATH names no folder: it names both paths, and makes no folder', async () => {
  const misspelt = join(folder, 'ai-lab-dta')
  await using service = await startService({ env: { HOST_DATA_PATH: misspelt } })
  const detail = await refusal(service)
  expect(detail).toContain(misspelt)
  expect(detail).toContain(service.dataDir)
  expect(await isThere(misspelt)).toBe(false)
})

// Trouble (input): `HOST_DATA_PATH` names another folder
// Trouble (mounts): `HOST_DATA_PATH` names another existing folder
test('the service refuses environments when HOST_DATA_PATH names another folder', async () => {
  const other = join(folder, 'opt-ai-lab-data')
  await mkdir(join(other, 'shared'), { recursive: true })
  await using service = await startService({ env: { HOST_DATA_PATH: other } })
  expect(await refusal(service)).toContain('finds no marker there')
  expect(await readdir(other)).toEqual(['shared'])
})

// Trouble (input): `HOST_DATA_PATH` names a copy of the data root
test('the service refuses environments when HOST_DATA_PATH names a copy of the data root', async () => {
  await using first = await startService()
  await first.end()
  const copy = join(folder, 'copy')
  await execute('cp', ['-a', first.dataDir, copy])
  const touchedAt = async (root: string) => (await stat(join(root, '.ai-lab-root'), { bigint: true })).mtimeNs
  expect(await touchedAt(copy)).toBe(await touchedAt(first.dataDir)) // to the nanosecond: only a new touch differs
  await first.startAgain({ HOST_DATA_PATH: copy })
  expect(await refusal(first)).toContain('a copy of this data root')
})

// Trouble (input): `HOST_DATA_PATH` names a file
test('the service refuses environments when HOST_DATA_PATH names a file', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, 'x')
  await using service = await startService({ env: { HOST_DATA_PATH: file } })
  await refusal(service)
})

// Trouble (input): `HOST_DATA_PATH` is relative
test('the service does not start with a relative HOST_DATA_PATH, and says so', async () => {
  await using service = await startService({
    env: { HOST_DATA_PATH: 'ai-lab-data', DATA_DIR: join(folder, 'unused') },
  })
  const { status, body } = await service.call('GET', '/api/health', { token: null })
  expect(status).toBe(503)
  expect(body.checks.data_root.detail).toContain('HOST_DATA_PATH: write an absolute path')
  expect(await isThere(join(folder, 'unused'))).toBe(false)
})

// Trouble (input): `HOST_DATA_PATH` is a symbolic link
test('environments run when a symbolic link names the data root', async () => {
  await mkdir(join(folder, 'real'))
  const link = join(folder, 'link')
  await symlink(join(folder, 'real'), link)
  await using service = await startService({ env: { DATA_DIR: link, HOST_DATA_PATH: link } })
  await createNotebook(service)
})

// Trouble (input): the same path is written in two ways
test('a HOST_DATA_PATH with doubled slashes and dots works, also after the service starts again', async () => {
  const odd = `${folder}//odd/../odd/./`
  await using service = await startService({ env: { DATA_DIR: join(folder, 'odd'), HOST_DATA_PATH: odd } })
  const { id } = await createNotebook(service)
  await service.end()
  await service.startAgain()
  await untilStatus(service, id, 'running')
  const { body } = await service.call('POST', '/api/data/consistency')
  expect(body).toMatchObject({ status: 'proven', findings: [], host_path: join(folder, 'odd') })
})

// Trouble (input): `HOST_DATA_PATH` names a copy, and the service may not touch the markers
test('a service that may not touch the markers, and so cannot recognise a copy, refuses environments and names the chown', async () => {
  const root = join(folder, 'touched-by-root')
  await using first = await startService({ env: { DATA_DIR: root } })
  await first.end()
  const copy = join(folder, 'copy-of-it')
  await execute('cp', ['-a', root, copy])
  for (const path of ['', 'admin', 'users', 'shared']) await chown(join(root, path), 1000, 100)
  for (const name of await readdir(join(root, 'admin'))) await chown(join(root, 'admin', name), 1000, 100)
  await first.startAgain({ HOST_DATA_PATH: copy, AS_USER: '1000:100' })
  const detail = await refusal(first)
  expect(detail).toContain('may not touch it; give it to the service: chown 1000:100')
})

// Trouble (input): the data root goes away under a running service
test('the service refuses environments while its data folder is renamed, and creates them again when it is back', async () => {
  await using service = await startService()
  const { id } = await createNotebook(service)
  await rename(service.dataDir, `${service.dataDir}.away`)
  const { status, body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
  expect(status).toBe(503)
  expect(body.detail).toContain('Is the disk mounted?')
  expect(await isThere(service.dataDir)).toBe(false)
  expect((await service.call('GET', `/api/environments/${id}`)).body.status).toBe('running')
  await rename(`${service.dataDir}.away`, service.dataDir)
  await createNotebook(service)
})

// Trouble (input): the disk is full
test('on a full disk the service answers no-room, loses nothing, and goes on when there is room', async () => {
  const small = join(folder, 'small')
  await mkdir(small)
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', small])
  try {
    await using service = await startService({ env: { DATA_DIR: small } })
    const { id } = await createNotebook(service)
    await execute('dd', ['if=/dev/zero', `of=${join(small, 'users/admin/big')}`, 'bs=4k']).catch(() => {})
    const { status, body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
    expect([status, body.type]).toEqual([507, '/problems/no-room'])
    expect((await service.call('GET', `/api/environments/${id}`)).body.status).toBe('running')

    await rm(join(small, 'users/admin/big'))
    await createNotebook(service)
    expect((await service.call('GET', '/api/environments')).body.items).toHaveLength(2)
  } finally {
    await execute('umount', ['--lazy', small])
  }
})

// Trouble (worst): a used-up quota gives an error 500, or ends the service by a signal
test('when a quota is used up, the service says so, loses nothing, and goes on when there is room', async () => {
  await using disk = await createQuotaDisk(join(folder, 'btrfs'), '8M')
  await chmod(disk.limited, 0o755)
  await using service = await startService({ env: { DATA_DIR: disk.limited } })
  expect(await journalOf(service)).toBe('a journal')
  const { id } = await createNotebook(service)
  // People's folders are subvolumes with quotas of their own.
  const big = join(disk.limited, 'shared/big')
  for (const size of ['bs=64k', 'bs=4k', 'bs=512']) {
    await execute('dd', ['if=/dev/zero', `of=${big}.${size}`, size, 'conv=fsync']).catch(() => {})
  }
  for (let time = 0; time < 5; time += 1) {
    const { status, body } = await service.call('POST', '/api/environments', { body: { template: 'jupyterlab' } })
    // Btrfs may refuse even the new time of the marker, before the service writes anything.
    expect([507, 503]).toContain(status)
    expect(body.detail).toMatch(/quota/)
  }
  expect((await service.call('GET', `/api/environments/${id}`)).body.status).toBe('running')

  for (const size of ['bs=64k', 'bs=4k', 'bs=512']) await rm(`${big}.${size}`, { force: true })
  await execute('sync', ['-f', disk.limited])
  await createNotebook(service)
  expect((await service.call('GET', '/api/environments')).body.items).toHaveLength(2)
  expect(await service.end()).toBe(0)
})

// Trouble (worst): a write-ahead log needs shared memory, on a file system that cannot share it
test('the database keeps a journal on a FUSE file system, and a write-ahead log on a local disk', async () => {
  await mkdir(join(folder, 'behind'))
  await using _disk = await createHangingDisk(join(folder, 'behind'), join(folder, 'fuse'))
  await using behind = await startService({ env: { DATA_DIR: join(folder, 'fuse') } })
  expect(await journalOf(behind)).toBe('a journal')
  await expect.poll(async () => (await behind.call('GET', '/api/health')).body.checks.database.status).toBe('healthy')
  await using local = await createDisk(join(folder, 'local'))
  await using service = await startService({ env: { DATA_DIR: join(folder, 'local') } })
  expect(await journalOf(service)).toBe('a log')
  await service.end()
  await local.unplug()
})

/** By the file's own header: https://www.sqlite.org/fileformat.html */
async function journalOf({ dataDir }: RunningService): Promise<string> {
  const header = await readFile(join(dataDir, 'admin/ai-lab.db'))
  return header[18] === 2 ? 'a log' : 'a journal'
}

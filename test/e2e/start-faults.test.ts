/** The service answers over HTTP why it cannot start, with the command that cures it, and then goes on by itself. */
import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNotebook } from './support/notebook.ts'
import { project, type RunningService, startService } from './support/service.ts'

const execute = promisify(execFile)
const welcome = join(project, 'src/disk/welcome')
const inTime = { timeout: 15_000, interval: 200 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-faults '))
  await chmod(folder, 0o755)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** A small disk of its own. */
async function mounted(name: string, options: string): Promise<{ path: string } & AsyncDisposable> {
  const path = join(folder, name)
  await mkdir(path)
  await execute('mount', ['-t', 'tmpfs', '-o', `mode=755,${options}`, 'tmpfs', path])
  return { path, [Symbol.asyncDispose]: async () => void (await execute('umount', ['--lazy', path])) }
}

/** The words of health, as somebody at the machine reads them; null once the service has started. */
async function obstacleOf(service: RunningService): Promise<string | null> {
  const { status, body } = await service.call('GET', '/api/health', { token: null })
  return status === 200 || body.checks.data_root.status !== 'unhealthy' ? null : body.checks.data_root.detail
}

/** All that the service has waited for so far, in words. */
function obstaclesIn(output: string): string[] {
  return output.match(/(?<=the service waits, and serves nothing: ).*/g) ?? []
}

/** Every call answers 503 with the reason, and only somebody at the machine reads paths. */
async function expectAnswers(service: RunningService, words: string): Promise<void> {
  const refused = await service.call('GET', '/api/environments', { token: null })
  expect([refused.status, refused.body.type]).toEqual([503, '/problems/not-started'])
  expect(refused.body.detail).toContain(words)
  const headers = { 'x-forwarded-for': '192.0.2.1' }
  for (const path of ['/api/environments', '/api/health']) {
    const { status, body } = await service.call('GET', path, { token: null, headers })
    expect(status).toBe(503)
    expect(JSON.stringify(body)).not.toContain(folder)
  }
  expect(service.output()).toContain('the service waits, and serves nothing')
}

async function expectStarts(service: RunningService): Promise<void> {
  await expect.poll(() => obstacleOf(service), inTime).toBeNull()
  await service.learn()
  expect((await service.call('GET', '/api/environments')).status).toBe(200)
}

// Trouble (input): the disk is full at the first start
test('a first start on a full disk says so wherever it stops, and goes on from there once there is room', async () => {
  await using disk = await mounted('full', 'size=2m')
  const dataDir = join(disk.path, 'data')
  await mkdir(dataDir)
  const big = join(disk.path, 'big')
  const { bavail, bsize } = await statfs(disk.path)
  await writeFile(big, Buffer.alloc(bavail * bsize))
  await using service = await startService({ env: { DATA_DIR: dataDir } })
  expect(await obstacleOf(service)).toMatch(/disk.* (full|no room left)/)
  await expectAnswers(service, 'Then the service goes on by itself.')
  while (!service.output().includes('the service is up')) {
    await truncate(big, Math.max(0, (await stat(big)).size - 8_192))
    await sleep(300)
  }
  for (const words of obstaclesIn(service.output())) expect(words).toMatch(/disk.* (full|no room left)/)
  await rm(big)
  await service.learn()
  await createNotebook(service)
  for (const file of await readdir(welcome, { recursive: true })) {
    const text = (place: string) => readFile(join(place, file), 'utf8').catch(() => 'a folder')
    expect(await text(join(dataDir, 'shared'))).toBe(await text(welcome))
  }
})

// Trouble (input): the disk of the data root has no inodes left at the start
test('a start on a disk without inodes says so, and goes on once there are some', async () => {
  await using disk = await mounted('inodes', 'size=50m,nr_inodes=8')
  await using service = await startService({ env: { DATA_DIR: join(disk.path, 'data') } })
  expect(await obstacleOf(service)).toMatch(/no inodes left|df -i/)
  await execute('mount', ['-o', 'remount,nr_inodes=5000', disk.path])
  await expectStarts(service)
})

// Trouble (input): the disk of the data root is read-only at the start
test('a start on a read-only disk names the command that shows why, and goes on once it is writable', async () => {
  await using disk = await mounted('read-only', 'size=500m')
  await using service = await startService({ env: { DATA_DIR: join(disk.path, 'data') } })
  await service.end()
  await execute('mount', ['-o', 'remount,ro', disk.path])
  await service.startAgain()
  expect(await obstacleOf(service)).toContain('is read-only. See to its disk: findmnt -T')
  await expectAnswers(service, 'is read-only')
  await execute('mount', ['-o', 'remount,rw', disk.path])
  await expectStarts(service)
})

// Trouble (input): `HOST_DATA_PATH` is not writable
test('a start on a data root that the service may not write names the chown, and goes on after it', async () => {
  const theirs = join(folder, 'of root')
  await mkdir(theirs, { mode: 0o755 })
  await using service = await startService({ env: { DATA_DIR: theirs, AS_USER: '1000:100' } })
  const command = `chown 1000:100 '${theirs}'`
  expect(await obstacleOf(service)).toContain(`is not writable for the service (uid 1000). Give it over: ${command}`)
  expect(await readdir(theirs)).toEqual([])
  await expectAnswers(service, command)
  await execute('sh', ['-c', command])
  await expectStarts(service)
})

// Trouble (input): folders of the data root belong to another user than the service
test('a start on folders of another user names the chown, and goes on after it', async () => {
  const clone = join(folder, 'clone')
  await mkdir(join(clone, 'admin'), { recursive: true })
  await chown(clone, 1000, 100)
  await using service = await startService({ env: { DATA_DIR: clone, AS_USER: '1000:100' } })
  const command = `chown -R 1000:100 '${clone}/admin'`
  expect(await obstacleOf(service)).toContain(
    `belongs to another user than the service (uid 1000). Give it over: ${command}`,
  )
  await execute('sh', ['-c', command])
  await expectStarts(service)
})

// Trouble (input): the database belongs to another user than the service
test('a start on a database of another user names the chown, and goes on after it', async () => {
  const dataDir = join(folder, 'of another')
  await mkdir(dataDir)
  await chown(dataDir, 1000, 100)
  await using service = await startService({ env: { DATA_DIR: dataDir, AS_USER: '1000:100' } })
  await service.end()
  await execute('chown', ['-R', '0:0', join(dataDir, 'admin')])
  await service.startAgain()
  const command = `chown -R 1000:100 '${dataDir}/admin'`
  expect(await obstacleOf(service)).toContain(command)
  await execute('sh', ['-c', command])
  await expectStarts(service)
})

// Trouble (input): a setting is wrong
test('a wrong setting is answered, and the service reads its files again by itself', async () => {
  const catalog = join(folder, 'catalog.yaml')
  await writeFile(catalog, 'tiers: none\n')
  await using service = await startService({ env: { CATALOG_FILE: catalog, DATA_DIR: join(folder, 'set') } })
  expect(await obstacleOf(service)).toContain('The configuration is wrong:\nCATALOG_FILE: ')
  await expectAnswers(service, 'The service reads its files again by itself.')
  await writeFile(catalog, await readFile(join(project, 'catalog.yaml')))
  await expectStarts(service)

  await service.end()
  await service.startAgain({ SHARED_MODE: 'maybe', NB_UID: 'me' })
  const words = await obstacleOf(service)
  for (const name of ['SHARED_MODE:', 'NB_UID:']) expect(words).toContain(name)
})

// Trouble (worst): somebody rolls back to a version that does not know the tables of the database
test('an older version says which tables it does not know, changes nothing, and goes on once they are gone', async () => {
  await using service = await startService()
  await service.end()
  const file = join(service.dataDir, 'admin/ai-lab.db')
  const write = (statement: string) => {
    const database = new SQLite(file)
    database.exec(statement)
    database.close()
  }
  write("insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030-01-01T00:00:00.000Z')")
  const before = await readFile(file)
  await service.startAgain()
  expect(await obstacleOf(service)).toContain('its tables are of 9999-of-tomorrow, and this version knows them up to')
  expect((await readFile(file)).equals(before)).toBe(true)
  write("delete from kysely_migration where name = '9999-of-tomorrow'")
  await expectStarts(service)
})

// Trouble (input): two backends on one data root
test('a second service on the same data root says so and touches nothing, and takes over once the first has ended', async () => {
  await using first = await startService()
  await using second = await startService({ env: { DATA_DIR: first.dataDir } })
  expect(await obstacleOf(second)).toContain('Another backend works on this data root already')
  expect((await first.call('GET', '/api/environments')).status).toBe(200)
  await first.end()
  await expectStarts(second)
})

// Trouble (worst): the disk of the data root fills up, and nobody hears of it before the first write is refused
test('health tells of a disk that is nearly full while it still takes writes', async () => {
  await using disk = await mounted('nearly full', 'size=100m')
  await using service = await startService({ env: { DATA_DIR: join(disk.path, 'data') } })
  const health = async () => (await service.call('GET', '/api/health', { token: null })).body
  await expect.poll(health, inTime).toMatchObject({ status: 'healthy' })
  await writeFile(join(disk.path, 'big'), Buffer.alloc(92 * 2 ** 20))
  await expect.poll(async () => (await health()).status, inTime).toBe('degraded')
  const { data_root } = (await health()).checks
  expect([data_root.status, data_root.detail]).toEqual([
    'degraded',
    expect.stringMatching(/nearly full: \S+ MiB of 100 MiB/),
  ])
  expect((await service.call('POST', '/api/users', { body: { id: 'demo@ailab.com' } })).status).toBe(201)
})

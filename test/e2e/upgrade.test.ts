/** An upgrade of a large database meets a full disk, and kills while it makes the copy of before. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, readdir, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { keptTokens, putDatabase, tablesOf, valueIn } from '../support/kept-database.ts'
import { project, type RunningService, startService } from './support/service.ts'

const execute = promisify(execFile)
const older = '0006-images'
const MiB = 2 ** 20
const padding = 'select length(bytes) from padding'

const databaseIn = (dataDir: string) => join(dataDir, 'admin/ai-lab.db')
const copiesIn = (dataDir: string) => join(dataDir, 'admin/database-copies')

/** A data root with an older database of some size, which the service has not seen yet. */
async function withOlderDatabase(service: RunningService, paddingBytes: number): Promise<void> {
  await service.end()
  await putDatabase(databaseIn(service.dataDir), older, { paddingBytes })
}

async function obstacleOf(service: RunningService): Promise<string | null> {
  const { status, body } = await service.call('GET', '/api/health', { token: null })
  return status === 200 ? null : body.checks.data_root.detail
}

async function expectUpgraded(service: RunningService): Promise<void> {
  await expect.poll(() => obstacleOf(service), { timeout: 15_000 }).toBeNull()
  const { status, body } = await service.call('GET', '/api/users', { token: keptTokens.admin })
  expect([status, body.items.length]).toEqual([200, 4])
  const copies = await readdir(copiesIn(service.dataDir))
  expect(copies).toEqual([expect.stringMatching(`^ai-lab-${older}-.*Z\\.db$`)])
  expect(tablesOf(databaseIn(service.dataDir))).not.toBe(older)
}

async function onlyCopyOf(dataDir: string): Promise<string> {
  const [copy = ''] = await readdir(copiesIn(dataDir))
  return join(copiesIn(dataDir), copy)
}

// Trouble (worst): the disk has no room for the copy that is made before an upgrade
test('without room for the copy the service waits with the older tables, says how much it needs, and goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-upgrade '))
  const disk = join(folder, 'disk')
  await mkdir(disk)
  await execute('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=60m', 'tmpfs', disk])
  try {
    await using service = await startService({ env: { DATA_DIR: join(disk, 'data') } })
    await withOlderDatabase(service, 20 * MiB)
    await chown(databaseIn(service.dataDir), 1000, 100)
    const big = join(disk, 'big')
    const { bavail, bsize } = await statfs(disk)
    await writeFile(big, Buffer.alloc(bavail * bsize - 10 * MiB))
    await service.startAgain()
    expect(await obstacleOf(service)).toMatch(
      /The tables were left as they are\.\nThe reason: The copy takes 20 MiB, and the disk of .+ has \S+ MiB free \(df -h '.*database-copies'\)\. Make room\./,
    )
    const refused = await service.call('GET', '/api/environments', { token: keptTokens.admin })
    expect([refused.status, refused.body.type]).toEqual([503, '/problems/not-started'])
    expect(tablesOf(databaseIn(service.dataDir))).toBe(older)
    expect(await readdir(copiesIn(service.dataDir))).toEqual([])

    await truncate(big, 0)
    await expectUpgraded(service)
    const { size, uid, gid, mode } = await stat(await onlyCopyOf(service.dataDir))
    expect(size).toBeGreaterThan(20 * MiB)
    expect([uid, gid, mode & 0o777]).toEqual([1000, 100, 0o600])
    expect(service.output()).toContain('a copy of the database was kept')
  } finally {
    await execute('umount', ['--lazy', disk])
    await rm(folder, { recursive: true, force: true })
  }
})

// Trouble (worst): the service is killed while it makes the copy, or while it changes the tables
test('a kill during an upgrade leaves a whole copy or none, and the next start finishes the upgrade', async () => {
  await using service = await startService()
  const { dataDir } = service
  const copies = copiesIn(dataDir)
  let cutShort = 0
  for (let round = 0; round < 5; round += 1) {
    await withOlderDatabase(service, 40 * MiB)
    await rm(copies, { recursive: true, force: true })
    const started = await spawnOn(dataDir)
    await untilDraftOf(copies, round * 2 * MiB)
    started.kill('SIGKILL')
    await once(started, 'exit')
    const names = await readdir(copies)
    const whole = names.filter((name) => name.endsWith('.db'))
    if (whole.length === 0) {
      cutShort += 1
      expect(tablesOf(databaseIn(dataDir))).toBe(older)
    }
    for (const name of whole) expect(valueIn(join(copies, name), padding)).toBe(40 * MiB)
    await service.startAgain()
    await expectUpgraded(service)
    expect(valueIn(await onlyCopyOf(dataDir), padding)).toBe(40 * MiB)
  }
  expect(cutShort).toBeGreaterThan(0)
})

async function spawnOn(dataDir: string): Promise<ChildProcess> {
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const env = { ...process.env, NODE_OPTIONS: '', VITEST: '', DATA_DIR: dataDir }
  return spawn(process.execPath, ['src/main.ts'], {
    cwd: project,
    env: { ...env, PORT: String(port), GATEWAY_PORT: String(gatewayPort) },
    stdio: 'ignore',
  })
}

/** Waits until a copy is under way and has that size, or is whole. */
async function untilDraftOf(copies: string, bytes: number): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const names = await readdir(copies).catch(() => [])
    if (names.some((name) => name.endsWith('.db'))) return
    const draft = await stat(join(copies, 'draft')).catch(() => null)
    if (draft && draft.size >= bytes) return
    if (Date.now() > deadline) throw new Error('no copy was begun')
    await sleep(1)
  }
}

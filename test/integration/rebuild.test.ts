import { execFile } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import SQLite from 'better-sqlite3'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { assembleService } from '../../src/assembly/service.ts'
import { DataRootNotThere } from '../../src/consistency/opening.ts'
import { createBackupDisk } from '../../src/disk/backup-disk.ts'
import { exists } from '../../src/disk/look-at-root.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { imposter } from '../support/engine-imposter.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { rounds } from '../support/rounds.ts'

const ailab = fileURLToPath(new URL('../../bin/ailab', import.meta.url))
const openings = rounds(12)

/** Runs the command `ailab rebuild` in a process of its own. */
async function rebuild({ dataDir }: Lab, socket: string): Promise<void> {
  const env = { ...process.env, DATA_DIR: dataDir, DOCKER_HOST: socket, NODE_OPTIONS: '' }
  await promisify(execFile)(ailab, ['rebuild'], { env })
}

/** Opens the data root as a waiting service does, but without a pause between two looks. */
async function openWhenThere({ dataDir, engine }: Lab): Promise<{ looks: number }> {
  const config = loadConfig(process.cwd(), { DATA_DIR: dataDir })
  for (let looks = 1; ; looks += 1) {
    try {
      await using _service = await assembleService(config, { logger: pino({ level: 'silent' }), version: '0', engine })
      return { looks }
    } catch (error) {
      if (!(error instanceof DataRootNotThere)) throw error
    }
  }
}

// Trouble (worst): a service that waits for its database opens it during a rebuild, meets the lock and ends
test('a waiting service opens the database of a rebuild only after the rebuild has released its lock', async () => {
  await using engine = await imposter((_, response) => {
    response.setHeader('content-type', 'application/json').end('[]')
  })
  await using lab = await openLab()
  await lab.close()
  for (let round = 0; round < openings; round += 1) {
    await rm(join(lab.dataDir, 'admin'), { recursive: true })
    const [opened] = await Promise.all([openWhenThere(lab), rebuild(lab, engine.socket)])
    expect(opened.looks).toBeGreaterThan(1)
  }
})

test('of several rebuilds at the same instant, one makes the database, and none replaces it', async () => {
  await using engine = await imposter((_, response) => {
    response.setHeader('content-type', 'application/json').end('[]')
  })
  await using lab = await openLab()
  await lab.close()
  await rm(join(lab.dataDir, 'admin'), { recursive: true })
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => rebuild(lab, engine.socket)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    expect(outcome.reason.stderr).toMatch(/Another rebuild of this data root is running|there is nothing to rebuild/)
  }
})

// Trouble (worst): SQLite replays the log of the lost database into the one that a rebuild makes
test('a rebuild makes no database beside the log of the lost one, and says how to move that away', async () => {
  await using engine = await imposter((_, response) => {
    response.setHeader('content-type', 'application/json').end('[]')
  })
  await using lab = await openLab()
  await lab.close()
  const admin = join(lab.dataDir, 'admin')
  const file = join(admin, 'ai-lab.db')
  const ofGateway = new SQLite(file) // it goes on with the file that was removed
  ofGateway.exec('create table lost (id)')
  await rm(file)

  const refused = async () => {
    const refusal = await rebuild(lab, engine.socket).catch(({ stderr }: { stderr: string }) => stderr)
    await promisify(execFile)('sh', ['-ec', String(refusal).replace(/^.*: (mkdir .*)$/s, '$1')])
    return refusal
  }
  expect(await refused()).toMatch(/\/ai-lab\.db-wal, \S+\/ai-lab\.db-shm\. /)
  await writeFile(`${file}-wal`, '') // it is lost once more
  expect(await refused()).toMatch(/\/ai-lab\.db-wal\. /)
  await rebuild(lab, engine.socket)
  const { leftOutOfAdmin } = createBackupDisk({ root: lab.dataDir } as Parameters<typeof createBackupDisk>[0])
  const movedAway = (await readdir(admin)).filter((name) => name.startsWith('lost'))
  expect([movedAway.length > 0, movedAway.filter((name) => !leftOutOfAdmin.includes(name))]).toEqual([true, []])

  const rebuilt = new SQLite(file)
  rebuilt.exec('create table made (id)')
  ofGateway.close()
  expect(await exists(`${file}-wal`)).toBe(true)
  expect(rebuilt.pragma('quick_check', { simple: true })).toBe('ok')
  expect(rebuilt.prepare("select name from sqlite_master where name in ('lost', 'made')").pluck().all()).toEqual([
    'made',
  ])
  rebuilt.close()
})

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { examineDatabase, troubleOfDatabase } from '../../src/database/examine.ts'
import { recordedImages } from '../../src/database/recorded-images.ts'
import { hasLog, readClosedDatabase } from '../../src/disk/database-files.ts'
import { putDatabase } from '../support/kept-database.ts'
import { type Lab, openLab } from '../support/lab.ts'

const databaseOf = (lab: Lab) => join(lab.dataDir, 'admin/ai-lab.db')

/** The bytes and the time of each file of the database. */
async function filesOf(lab: Lab) {
  const folder = join(lab.dataDir, 'admin')
  const names = (await readdir(folder)).filter((name) => name.startsWith('ai-lab.db')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      return { name, bytes: (await readFile(file)).toString('base64'), modified: (await stat(file)).mtimeMs }
    }),
  )
}

async function refusalOf(lab: Lab): Promise<string> {
  return lab.restart().then(
    () => 'it started',
    (error: Error) => error.message,
  )
}

// Trouble (worst): after a roll-back, an older service works on the tables of a newer version
test('the service refuses the database of a newer version, names both versions, and changes no byte', async () => {
  await using lab = await openLab()
  await lab.close()
  const sqlite = new SQLite(databaseOf(lab))
  sqlite.prepare("insert into kysely_migration values ('9999-hereafter', '2030-01-01')").run()
  sqlite.close()
  const before = await filesOf(lab)
  expect(before.map(({ name }) => name)).toEqual(['ai-lab.db'])
  expect(await refusalOf(lab)).toMatch(
    /belongs to a newer version of the service: its tables are of 9999-hereafter, and this version knows them up to \d{4}-\S+\. It was left as it is\. Start the newer version again, or put back the copy in admin\/database-copies that was kept before the upgrade/,
  )
  expect(await filesOf(lab)).toEqual(before)
})

test('the service leaves the write-ahead log of a killed newer version as it is', async () => {
  await using lab = await openLab()
  await lab.close()
  const newer = new SQLite(databaseOf(lab))
  newer.prepare("insert into kysely_migration values ('9999-hereafter', '2030-01-01')").run()
  const killed = await filesOf(lab)
  newer.close()
  for (const { name, bytes } of killed) {
    if (!name.endsWith('-shm')) await writeFile(join(lab.dataDir, 'admin', name), Buffer.from(bytes, 'base64'))
  }
  const before = await filesOf(lab)
  expect(before.map(({ name }) => name)).toEqual(['ai-lab.db', 'ai-lab.db-wal'])
  expect(await refusalOf(lab)).toContain('9999-hereafter')
  // The index of the log (-shm) holds no data of its own.
  expect((await filesOf(lab)).filter(({ name }) => !name.endsWith('-shm'))).toEqual(before)
})

// Trouble (authority): a token that the command line makes while the service starts is lost, and the service fails
test('the check of the database at the start loses nothing that another process writes', async () => {
  await using lab = await openLab()
  await lab.close()
  const file = databaseOf(lab)
  const found = await hasLog(file)
  const beside = new SQLite(file)
  beside.exec("insert into accounts (id, role, tier, created_at, disabled) values ('zoe', 'admin', 'default', 0, 0)")
  examineDatabase(file, { hasLog: found })
  const service = new SQLite(file)
  const seen = () => service.prepare("select id from accounts where id = 'zoe'").pluck().get()
  expect(seen()).toBe('zoe')
  beside.close()
  expect(seen()).toBe('zoe')
  service.close()
})

// Trouble (worst): the service works on a damaged database until a request meets the damage
test.each([
  ['a middle page', 4096 * 2],
  ['the first page', 0],
])('a service whose database is damaged in %s does not start, and names the cure', async (_, from) => {
  await using lab = await openLab()
  await lab.as(lab.adminToken).post('/api/environments', { template: 'jupyterlab' }).expect(202)
  await lab.close()
  const bytes = await readFile(databaseOf(lab))
  bytes.fill(0x5a, from, from + 4096 * 4)
  await writeFile(databaseOf(lab), bytes)
  const before = await filesOf(lab)
  expect(await refusalOf(lab)).toMatch(
    /^The database \S+\/admin\/ai-lab\.db is damaged: .+\. It was left as it is\. Put admin\/ back from a backup\. Without one, .* ailab rebuild/,
  )
  expect(await filesOf(lab)).toEqual(before)
})

// Trouble (doctor): the service ends because its database is damaged or too new, and the doctor says that nothing is wrong
test('the doctor recognises a damaged and a newer database, and writes nothing', async () => {
  await using lab = await openLab()
  const file = databaseOf(lab)
  const look = async () => troubleOfDatabase(file, await readClosedDatabase(file))
  expect(await look()).toBe(null)
  await lab.close()
  const sound = await filesOf(lab)
  expect(await look()).toBe(null)
  expect(await filesOf(lab)).toEqual(sound)

  const newer = new SQLite(file)
  newer.prepare("insert into kysely_migration values ('9999-hereafter', '2030-01-01')").run()
  expect(await look()).toContain('its tables are of 9999-hereafter') // in the log only
  newer.close()
  expect(await look()).toContain('its tables are of 9999-hereafter')

  await writeFile(file, (await readFile(file)).fill(0, 4096 * 2, 4096 * 6))
  const damaged = await filesOf(lab)
  expect(await look()).toMatch(/is damaged: .+ ailab rebuild/)
  expect(await filesOf(lab)).toEqual(damaged)
})

/** Waits until this process has read the first part of a file. Until the next `await` it reads no more than one part more. */
async function partlyRead(file: string): Promise<void> {
  const at = '/proc/self/fd'
  const isOfFile = (fd: string) => existsSync(`${at}/${fd}`) && readlinkSync(`${at}/${fd}`) === file
  const isBegun = (fd: string) => /^pos:\s+[1-9]/.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
  while (!readdirSync(at).some((fd) => isOfFile(fd) && isBegun(fd))) await setImmediate()
}

// Trouble (doctor): a command looks at the database while another one writes to it, and says that it is damaged
test('a database that is opened and closed while it is read is read again', async () => {
  await using lab = await openLab()
  await lab.close()
  const file = databaseOf(lab)
  const change = (sql: string) => {
    const sqlite = new SQLite(file)
    sqlite.exec(sql)
    sqlite.close()
  }
  change(`create table padding (bytes); insert into padding values (zeroblob(${2 ** 24}))`)
  const reading = readClosedDatabase(file)
  await partlyRead(file)
  change('drop table padding; vacuum')
  const content = await reading
  expect(troubleOfDatabase(file, content)).toBe(null)
  expect(content).toHaveLength((await stat(file)).size)
})

test('the service repairs and opens a database that a kill left with a half-written change in its journal', async () => {
  await using lab = await openLab()
  await lab.close()
  const sqlite = new SQLite(databaseOf(lab))
  sqlite.pragma('journal_mode = DELETE')
  sqlite.pragma('cache_size = 1')
  sqlite.exec('begin; create table half (a)')
  const fill = sqlite.prepare('insert into half values (zeroblob(4000))')
  for (let row = 0; row < 50; row += 1) fill.run()
  const killed = await filesOf(lab)
  expect(killed.map(({ name }) => name)).toEqual(['ai-lab.db', 'ai-lab.db-journal'])
  sqlite.exec('rollback')
  sqlite.close()
  for (const { name, bytes } of killed) {
    await writeFile(join(lab.dataDir, 'admin', name), Buffer.from(bytes, 'base64'))
  }
  await lab.restart()
  await lab.as(lab.adminToken).get('/api/environments').expect(200)
})

test('the doctor reads from which image each environment is made, and of some that none is recorded', async () => {
  await using lab = await openLab()
  await lab.close()
  await putDatabase(databaseOf(lab), '0013-safe-starts')
  const sqlite = new SQLite(databaseOf(lab))
  const change = sqlite.prepare('update environments set made_from = ? where name = ?')
  change.run(null, 'course')
  change.run('"latest"', 'notes')
  sqlite.close()
  expect(recordedImages(databaseOf(lab), null)).toEqual(
    new Map([
      ['ai-lab-jupyterlab-2wkxha', 'sha256:ai-lab-jupyterlab-latest-0'],
      ['ai-lab-jupyterlab-t7w6rc', null],
      ['ai-lab-jupyterlab-kk0de0', null],
    ]),
  )
})

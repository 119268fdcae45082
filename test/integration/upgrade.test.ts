/** The service of today opens a database of an earlier version. Each kept database is upgraded by every later migration. */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrationNames } from '../../src/database/migrations.ts'
import { openSqlite } from '../../src/database/open.ts'
import { keptDatabases, keptTokens, putDatabase, type Rows, rowsOf, tablesOf } from '../support/kept-database.ts'
import { type Lab, openLab } from '../support/lab.ts'

const databaseOf = (lab: Lab) => join(lab.dataDir, 'admin/ai-lab.db')
const copiesOf = (lab: Lab) => join(lab.dataDir, 'admin/database-copies')
const newest = migrationNames.at(-1)

/** What an upgrade changes in the rows of a kept database, and is meant to change. */
const asUpgraded: Record<string, (row: Record<string, unknown>) => Record<string, unknown>> = {
  // 0007 takes the secret out of the recorded launch.
  environments: (row) => ({ ...row, launch: String(row.launch).replaceAll(String(row.token), '{token}') }),
}

/** The columns that were there before the upgrade. */
function before(after: Rows, earlier: Rows): Rows {
  const columnsOf = (table: string) => Object.keys(earlier[table]?.[0] ?? {})
  const pick = (row: Record<string, unknown>, columns: string[]) =>
    Object.fromEntries(columns.map((column) => [column, row[column]]))
  return Object.fromEntries(
    Object.keys(earlier).map((table) => [table, (after[table] ?? []).map((row) => pick(row, columnsOf(table)))]),
  )
}

/** Starts the service on a kept database. */
async function upgrade(lab: Lab, tables: string): Promise<void> {
  await lab.restart(() => putDatabase(databaseOf(lab), tables))
}

test('there is a kept database of the tables of the first release, and an older one', () => {
  expect(keptDatabases).toEqual(expect.arrayContaining(['0006-images', '0013-safe-starts']))
})

test.each(keptDatabases)('an upgrade from %s keeps every row', async (tables) => {
  await using lab = await openLab()
  await lab.close()
  const file = databaseOf(lab)
  await putDatabase(file, tables)
  const { kysely_migration: _, ...earlier } = rowsOf(file)
  for (const [name, rows] of Object.entries(earlier)) expect(`${name}: ${rows.length > 0}`).toBe(`${name}: true`)
  await (await openSqlite(file, { keepCopy: async () => {} }))[Symbol.asyncDispose]()
  expect(tablesOf(file)).toBe(newest)
  const meant = Object.entries(earlier).map(([name, rows]) => [name, rows.map(asUpgraded[name] ?? ((row) => row))])
  expect(before(rowsOf(file), earlier)).toEqual(Object.fromEntries(meant))
})

// Trouble (worst): an upgrade changes the tables, and the lab wants to go back
test.each(keptDatabases)(
  'after an upgrade from %s the lab is as before, and a copy of before is kept',
  async (tables) => {
    const lines: Record<string, unknown>[] = []
    await using lab = await openLab({ logLevel: 'info', log: (line) => lines.push(line) })
    await upgrade(lab, tables)
    const admin = lab.as(keptTokens.admin)
    const demo = lab.as(keptTokens.demo)
    const { body: users } = await admin.get('/api/users').expect(200)
    expect(users.items).toMatchObject([
      { id: 'admin', role: 'admin', tier: 'enterprise' },
      { id: 'demo@ailab.com', role: 'user', disabled: false },
      { id: 'former@ailab.com', disabled: true },
      { id: 'invited@ailab.com' },
    ])
    const { body: environments } = await demo.get('/api/environments').expect(200)
    expect(environments.items.map(({ name, desired_state }: Record<string, string>) => [name, desired_state])).toEqual([
      ['notes', 'running'],
      ['course', 'stopped'],
      ['thesis', 'running'],
    ])
    await lab.close()

    const copies = await readdir(copiesOf(lab)).catch(() => [])
    if (tables === newest) {
      expect(copies).toEqual([])
      return
    }
    expect(copies).toEqual([
      expect.stringMatching(`^ai-lab-${tables}-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ\\.db$`),
    ])
    const copy = join(copiesOf(lab), copies[0] ?? '')
    expect(lines).toContainEqual(
      expect.objectContaining({ file: copy, tables, msg: expect.stringContaining('copy of the database was kept') }),
    )
    expect([(await stat(copiesOf(lab))).mode & 0o777, (await stat(copy)).mode & 0o777]).toEqual([0o700, 0o600])
    const same = join(lab.folder, 'same.db')
    await putDatabase(same, tables)
    expect(rowsOf(copy)).toEqual(rowsOf(same))
    expect(await readdir(copiesOf(lab))).toEqual(copies) // a reader leaves nothing beside it
  },
)

test('after an upgrade, the service knows who had a folder: the people whose environments had a container', async () => {
  await using lab = await openLab()
  await lab.close()
  const file = databaseOf(lab)
  await putDatabase(file, '0013-safe-starts')
  const sqlite = new SQLite(file)
  const change = sqlite.prepare('update environments set user_id = ?, host_port = null, made_from = ? where name = ?')
  change.run('former@ailab.com', null, 'course') // from before images were recorded
  change.run('invited@ailab.com', '"latest"', 'notes') // just created
  sqlite.close()
  await using database = await openSqlite(file, { keepCopy: async () => {} })
  const had = database.db.selectFrom('accounts').select('id').where('had_folder', '=', 1).orderBy('id')
  expect((await had.execute()).map(({ id }) => id)).toEqual(['demo@ailab.com', 'former@ailab.com'])
})

test('after an upgrade, the service knows the folders of people without environments, by their trash and by what was counted', async () => {
  await using lab = await openLab()
  await lab.close()
  const file = databaseOf(lab)
  const sqlite = new SQLite(file)
  sqlite.exec(`
    insert into accounts (id, role, tier, created_at)
      values ('deleted', 'user', 'default', 1000), ('counted', 'user', 'default', 1000), ('new', 'user', 'default', 1000);
    insert into trash (id, user_id, path, kind, deleted_by, deleted_at)
      values ('1', 'deleted', 'x', 'file', 'deleted', 1001), ('2', 'new', 'x', 'file', 'new', 999);
    insert into usage_history values ('users/counted', 'hour', 3600, 1, 1, 1), ('users/new', 'hour', 0, 1, 1, 1);
    delete from kysely_migration where name >= '0024'
  `)
  sqlite.close()
  await using database = await openSqlite(file, { keepCopy: async () => {} })
  const had = database.db.selectFrom('accounts').select('id').where('had_folder', '=', 1).orderBy('id')
  expect((await had.execute()).map(({ id }) => id)).toEqual(['counted', 'deleted'])
})

test('a first start and a start on the newest tables keep no copy', async () => {
  await using lab = await openLab()
  await lab.restart()
  await expect(readdir(copiesOf(lab))).rejects.toThrow('ENOENT')
})

test('what a killed service had written to its log alone is in the copy too', async () => {
  await using lab = await openLab()
  await lab.close()
  await putDatabase(databaseOf(lab), '0006-images')
  const beside = new SQLite(databaseOf(lab))
  beside.pragma('journal_mode = WAL')
  beside.exec("insert into accounts values ('zoe', 'user', 'default', 0, 0)")
  await lab.restart()
  beside.close()
  const [copy = ''] = await readdir(copiesOf(lab))
  expect(rowsOf(join(copiesOf(lab), copy)).accounts).toContainEqual(expect.objectContaining({ id: 'zoe' }))
})

test('what a copy that was cut short left behind goes away, and a whole copy is kept', async () => {
  await using lab = await openLab()
  await lab.restart(async () => {
    await putDatabase(databaseOf(lab), '0006-images')
    await mkdir(copiesOf(lab))
    for (const part of ['', '-journal', '-wal', '-shm']) await writeFile(join(copiesOf(lab), `draft${part}`), 'half')
  })
  const copies = await readdir(copiesOf(lab))
  expect(copies).toEqual([expect.stringMatching(/^ai-lab-0006-images-/)])
  expect(tablesOf(join(copiesOf(lab), copies[0] ?? ''))).toBe('0006-images')
})

test('of the tables of one version only the newest copy is kept', async () => {
  await using lab = await openLab()
  const name = (day: string) => `ai-lab-0006-images-2026-01-${day}T00-00-00Z.db`
  await lab.restart(async () => {
    await putDatabase(databaseOf(lab), '0006-images')
    await mkdir(copiesOf(lab))
    for (const copy of [name('01'), name('02'), 'ai-lab-0005-authority-2026-01-01T00-00-00Z.db', 'my own copy.db']) {
      await writeFile(join(copiesOf(lab), copy), '')
    }
  })
  expect(await readdir(copiesOf(lab))).toEqual([
    'ai-lab-0005-authority-2026-01-01T00-00-00Z.db',
    expect.stringMatching(/^ai-lab-0006-images-(?!2026-01-0)/),
    'my own copy.db',
  ])
})

// Trouble (worst): an old copy of the database cannot be removed
test('a copy that cannot be removed stops no upgrade', async () => {
  await using lab = await openLab()
  const stuck = 'ai-lab-0006-images-2026-01-01T00-00-00Z.db'
  await lab.restart(async () => {
    await putDatabase(databaseOf(lab), '0006-images')
    await mkdir(join(copiesOf(lab), stuck), { recursive: true })
  })
  expect(tablesOf(databaseOf(lab))).toBe(newest)
  expect(await readdir(copiesOf(lab))).toEqual([stuck, expect.stringMatching(/^ai-lab-0006-images-(?!2026-01-0)/)])
})

// Trouble (worst): the copy of before an upgrade cannot be made
test('without a copy the service does not upgrade, leaves the tables as they are, and says why', async () => {
  await using lab = await openLab()
  const starting = lab.restart(async () => {
    await putDatabase(databaseOf(lab), '0006-images')
    await writeFile(copiesOf(lab), 'a file in the way')
  })
  await expect(starting).rejects.toThrow(/database-copies is there, but is not a folder/)
  expect(tablesOf(databaseOf(lab))).toBe('0006-images')
  await rm(copiesOf(lab))
  await lab.restart()
  expect(tablesOf(databaseOf(lab))).toBe(newest)
})

// Trouble (worst): an upgrade fails again and again, and each try writes a copy of the whole database
test('an upgrade that fails each time writes no further copy while the database stays as it is', async () => {
  await using lab = await openLab()
  await lab.close()
  await putDatabase(databaseOf(lab), '0006-images')
  const beside = new SQLite(databaseOf(lab))
  beside.exec('create table openings (in_the_way text)')
  beside.close()
  const seen: string[] = []
  for (let tries = 0; tries < 4; tries += 1) {
    await expect(lab.restart()).rejects.toThrow('could not be brought up to date')
    const copies = await readdir(copiesOf(lab))
    const written = await Promise.all(copies.map(async (copy) => (await stat(join(copiesOf(lab), copy))).mtimeMs))
    seen.push(JSON.stringify([copies, written]))
  }
  expect(tablesOf(databaseOf(lab))).toBe('0006-images')
  expect(seen[3]).toBe(seen[1])
  expect(seen[1]).toContain('ai-lab-0006-images-')
})

// Trouble (worst): a change of the tables fails at each start, every two seconds
test('an upgrade that fails again and again keeps one copy, and the log says nothing of changed tables', async () => {
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({ logLevel: 'info', log: (line) => lines.push(line) })
  await lab.close()
  await putDatabase(databaseOf(lab), '0013-safe-starts')
  const sqlite = new SQLite(databaseOf(lab))
  sqlite.exec('alter table environments add column out_of_memory_at bigint')
  sqlite.close()
  for (let start = 0; start < 2; start += 1)
    await expect(lab.restart()).rejects.toThrow('could not be brought up to date')
  expect(await readdir(copiesOf(lab))).toEqual([expect.stringMatching(/^ai-lab-0013-safe-starts-/)])
  expect(tablesOf(databaseOf(lab))).toBe('0013-safe-starts')
  expect(lines.filter(({ msg }) => String(msg).includes('tables'))).toEqual([])
})

test('a program that keeps no copy refuses to change the tables of an earlier version', async () => {
  await using lab = await openLab()
  await lab.close()
  await putDatabase(databaseOf(lab), '0006-images')
  await expect(openSqlite(databaseOf(lab))).rejects.toThrow('The database is of an earlier version')
  expect(tablesOf(databaseOf(lab))).toBe('0006-images')
})

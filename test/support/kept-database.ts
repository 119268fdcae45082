import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'

const folder = fileURLToPath(new URL('databases/', import.meta.url))

/** The newest change of the tables in each database that is kept as text. */
export const keptDatabases = readdirSync(folder)
  .map((name) => name.replace(/\.sql$/, ''))
  .toSorted()

export const keptTokens = {
  admin: 'ailab_of-admin-in-the-kept-database',
  demo: 'ailab_of-demo-in-the-kept-database',
}

/** Puts a kept database in the place of a closed one. `paddingBytes` makes it larger. */
export async function putDatabase(file: string, tables: string, { paddingBytes = 0 } = {}): Promise<void> {
  for (const part of ['', '-wal', '-shm', '-journal']) await rm(`${file}${part}`, { force: true })
  const sqlite = new SQLite(file)
  sqlite.exec(readFileSync(`${folder}${tables}.sql`, 'utf8'))
  if (paddingBytes > 0)
    sqlite.exec(`create table padding (bytes); insert into padding values (zeroblob(${paddingBytes}))`)
  sqlite.close()
}

export type Rows = Record<string, Record<string, unknown>[]>

/** All rows of all tables. */
export function rowsOf(file: string): Rows {
  return reading(file, (sqlite) => {
    const tables = sqlite.prepare<[], string>("select name from sqlite_master where type = 'table' order by name")
    const rows = tables
      .pluck()
      .all()
      .map((name) => [name, sqlite.prepare(`select * from "${name}" order by 1`).all()])
    return Object.fromEntries(rows) as Rows
  })
}

/** The newest change of the tables of a database. */
export function tablesOf(file: string): unknown {
  return valueIn(file, 'select max(name) from kysely_migration')
}

/** The first value that a query gives. */
export function valueIn(file: string, query: string): unknown {
  return reading(file, (sqlite) => sqlite.prepare(query).pluck().get())
}

function reading<T>(file: string, read: (sqlite: SQLite.Database) => T): T {
  const sqlite = new SQLite(file, { readonly: true })
  try {
    return read(sqlite)
  } finally {
    sqlite.close()
  }
}

import SQLite from 'better-sqlite3'
import { Kysely, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Journal } from '../domain/file-system.ts'
import { migrationProvider } from './migrations.ts'
import type { Tables } from './tables.ts'

/** An open database with the newest tables. Disposing it closes it. */
export type Database = AsyncDisposable & {
  db: Kysely<Tables>
  /** Rejects when the records cannot be read. What SQLite keeps in memory it does not read from the disk again. */
  ping(): Promise<void>
  /**
   * Gives another text than before if this process has changed the database since, or another one has until this turn of the
   * event loop.
   */
  changes(): string
  /** Writes the database, as it is at the end, into an empty file, while it is in use: a few pages at a time. */
  copyTo(file: string): Promise<void>
}

/** Keeps a copy of a database before its tables are changed. `write` writes the database into an empty file. */
export type KeepCopy = (older: { tables: string; bytes: number }, write: (file: string) => void) => Promise<void>

/**
 * Opens the SQLite file, makes it if there is none, and migrates it. `keepCopy` runs before it changes the tables of an earlier
 * version; without `keepCopy` it refuses to change them.
 *
 * WAL lets readers go on during a write, if the file system is fit for it (docs: decision 0018); FULL makes a commit
 * survive a power cut; for `busyMs` each write waits, with all else in this process, while another program writes.
 *
 * With `migrating` false it leaves the tables as they are. @throws Error if they are then not up to date
 */
export async function openSqlite(
  file: string,
  {
    journal = 'WAL',
    migrating = true,
    keepCopy = refuseEarlier,
    busyMs = 5_000,
  }: { journal?: Journal; migrating?: boolean; keepCopy?: KeepCopy; busyMs?: number } = {},
): Promise<Database> {
  const sqlite = new SQLite(file)
  sqlite.pragma(`busy_timeout = ${busyMs}`)
  sqlite.pragma(`journal_mode = ${journal}`)
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  const own = { writes: 0 }
  const db = new Kysely<Tables>({ dialect: new WholeMigrations({ database: withKeptStatements(sqlite, own) }) })
  try {
    await (migrating ? migrate(db, { sqlite, keepCopy }) : requireNewest(db))
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    db,
    ping: async () => void (await db.selectFrom('accounts').select('id').limit(1).execute()),
    changes: changesOf(sqlite, own),
    copyTo: async (copy) => void (await sqlite.backup(copy)),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

/**
 * Kysely runs migrations of SQLite without a transaction, although SQLite supports one for tables too. After a kill or a
 * full disk in the middle of a migration, half the tables were left, and no later start could go on.
 */
class WholeMigrations extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Prepares each statement once: Kysely makes the same few texts again and again, and preparing costs as much as running. */
function withKeptStatements(sqlite: SQLite.Database, own: Own): SqliteDatabase {
  const kept = new Map<string, SQLite.Statement>()
  return {
    close: () => sqlite.close(),
    prepare(asked) {
      const text = textOf(asked)
      const statement = kept.get(text) ?? sqlite.prepare(text)
      kept.set(text, statement)
      if (!statement.readonly || !statement.reader) own.writes += 1 // Kysely runs it at once
      return statement
    },
  }

  function textOf(asked: string): string {
    // Every transaction here writes in the end. It takes the lock at its beginning, so what it read still holds when it
    // writes, and it waits for another process that writes instead of failing.
    if (asked === 'begin') return 'begin immediate'
    // On a full disk SQLite has rolled back by itself, and the error of a second rollback would hide that.
    return asked === 'rollback' && !sqlite.inTransaction ? 'select 1' : asked
  }
}

/** How many statements that may write this connection has run, also in transactions that are not committed. */
type Own = { writes: number }

/**
 * SQLite counts the changes of other connections (https://www.sqlite.org/pragma.html#pragma_data_version). Asking costs more
 * than a read that is kept, so all requests of one turn of the event loop share the answer.
 */
function changesOf(sqlite: SQLite.Database, own: Own): () => string {
  const byOthers = sqlite.prepare('pragma data_version').pluck()
  let version: unknown = null
  const forget = () => {
    version = null
  }
  return () => {
    if (version === null) {
      version = byOthers.get()
      setImmediate(forget)
    }
    return `${version} ${own.writes}`
  }
}

async function migrate(
  db: Kysely<Tables>,
  { sqlite, keepCopy }: { sqlite: SQLite.Database; keepCopy: KeepCopy },
): Promise<void> {
  const migrator = new Migrator({ db, provider: migrationProvider })
  const migrations = await migrator.getMigrations()
  const newest = migrations.findLast(({ executedAt }) => executedAt)
  if (newest && migrations.some(({ executedAt }) => !executedAt)) {
    await keepCopy({ tables: newest.name, bytes: bytesOf(sqlite) }, (file) => sqlite.prepare('vacuum into ?').run(file))
  }
  const { error } = await migrator.migrateToLatest()
  if (error) throw new Error('The tables of the database could not be brought up to date', { cause: error })
}

/** The size of the database with what is in its log. */
function bytesOf(sqlite: SQLite.Database): number {
  return Number(sqlite.pragma('page_count', { simple: true })) * Number(sqlite.pragma('page_size', { simple: true }))
}

async function requireNewest(db: Kysely<Tables>): Promise<void> {
  const migrations = await new Migrator({ db, provider: migrationProvider }).getMigrations()
  if (!migrations.every(({ executedAt }) => executedAt)) await refuseEarlier()
}

async function refuseEarlier(): Promise<void> {
  throw new Error(
    'The database is of an earlier version than this command. Use the command of the version that runs, or start the new service first.',
  )
}

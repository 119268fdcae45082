import SQLite from 'better-sqlite3'
import { migrationNames } from './migrations.ts'

/**
 * Checks whether the service can use a database, before it writes anything to it. An empty file is fine. `isWhole: false`
 * leaves out the check of the pages, which takes 0.6 ms a megabyte.
 *
 * @throws Error with a sentence for the administrator if the database is damaged, or of a newer version of the service
 */
export function examineDatabase(file: string, { isWhole = true }: { isWhole?: boolean } = {}): void {
  try {
    reading(file, (sqlite) => {
      if (isWhole) requireWhole(file, sqlite)
      requireKnown(file, changesIn(sqlite))
    })
  } catch (error) {
    if (!isCode(error, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) throw error
    throw damaged(file, error.message, error)
  }
}

/** Read-only. If a transaction was cut short, only a connection that writes can undo it. */
function reading(file: string, look: (sqlite: SQLite.Database) => void): void {
  try {
    within(new SQLite(file, { readonly: true }), look)
  } catch (error) {
    if (!isCode(error, 'SQLITE_READONLY', 'SQLITE_CANTOPEN')) throw error
    within(new SQLite(file), look)
  }
}

function within(sqlite: SQLite.Database, look: (sqlite: SQLite.Database) => void): void {
  try {
    look(sqlite)
  } finally {
    sqlite.close()
  }
}

function requireWhole(file: string, sqlite: SQLite.Database): void {
  const words = sqlite.pragma('quick_check(1)', { simple: true })
  if (words !== 'ok') throw damaged(file, String(words))
}

function changesIn(sqlite: SQLite.Database): string[] {
  const hasChanges = sqlite.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get()
  if (!hasChanges) return []
  return sqlite.prepare<[], string>('select name from kysely_migration order by name').pluck().all()
}

function requireKnown(file: string, applied: readonly string[]): void {
  const unknown = applied.filter((name) => !migrationNames.includes(name))
  if (unknown.length === 0) return
  throw new Error(
    `The database ${file} belongs to a newer version of the service: its tables are of ${unknown.at(-1)}, and this ` +
      `version knows them up to ${migrationNames.at(-1)}. It was left as it is. Start the newer version again, or put ` +
      'back the copy of admin/ that was made before the upgrade (docs/upgrade.md).',
  )
}

function damaged(file: string, words: string, cause?: unknown): Error {
  return new Error(
    `The database ${file} is damaged: ${words.trim().replaceAll('\n', ' ')}. It was left as it is. Put admin/ back from ` +
      'a backup. Without one, move ai-lab.db, ai-lab.db-wal and ai-lab.db-shm elsewhere, and run: ailab rebuild (docs/upgrade.md).',
    { cause },
  )
}

function isCode(error: unknown, ...codes: string[]): error is InstanceType<typeof SQLite.SqliteError> {
  return error instanceof SQLite.SqliteError && codes.some((code) => error.code.startsWith(code))
}

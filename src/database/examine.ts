import SQLite from 'better-sqlite3'
import { reasonOf } from '../lib/reason-of.ts'
import { lookInto, within } from './look-into.ts'
import { migrationNames } from './migrations.ts'

/**
 * Checks whether the service can use a database, before it writes anything to it. An empty file is fine. `isWhole: false`
 * leaves out the check of the pages, which takes 0.6 ms a megabyte. `hasLog`: whether there is a log beside it.
 *
 * @throws Error with a sentence for the administrator if the database is damaged, or of a newer version of the service
 */
export function examineDatabase(
  file: string,
  { hasLog, isWhole = true }: { hasLog: boolean; isWhole?: boolean },
): void {
  requireSound(file, isWhole, (look) => reading(file, hasLog, look))
}

/**
 * Says what is wrong with a database, for the administrator; null where nothing is. It writes nothing and makes no file, so
 * the service may have the database open. `content` is the file's bytes where no log is beside it: SQLite makes a log for
 * a reader too.
 */
export function troubleOfDatabase(file: string, content: Uint8Array | null): string | null {
  try {
    requireSound(file, true, (look) => lookInto(file, content, look))
    return null
  } catch (error) {
    if (isCode(error, ...notTheDatabase)) return null
    return isCode(error, '') ? `The database ${file} cannot be read: ${error.message}.` : reasonOf(error)
  }
}

// A reader may have to undo a transaction, or make the index of the log (IOERR_SHM…), for which a full disk has no room.
const notTheDatabase = ['SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_BUSY', 'SQLITE_FULL', 'SQLITE_IOERR_SHM']

type Look = (sqlite: SQLite.Database) => void

function requireSound(file: string, isWhole: boolean, open: (look: Look) => void): void {
  try {
    open((sqlite) => {
      if (isWhole) requireWhole(file, sqlite)
      requireKnown(file, changesIn(sqlite))
    })
  } catch (error) {
    if (!isCode(error, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) throw error
    throw damaged(file, error.message, error)
  }
}

/**
 * If there is a log, a connection that only reads leaves it as it is. Without a log, a connection that may write removes what it
 * makes beside the database, once nobody else uses the database; one that only reads would leave it there. And if a transaction
 * was cut short, only a connection that may write can undo it.
 */
function reading(file: string, hasLog: boolean, look: Look): void {
  try {
    within(new SQLite(file, { readonly: hasLog }), look)
  } catch (error) {
    if (!hasLog || !isCode(error, 'SQLITE_READONLY', 'SQLITE_CANTOPEN')) throw error
    within(new SQLite(file), look)
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
      'back the copy in admin/database-copies that was kept before the upgrade (docs/upgrade.md).',
  )
}

function damaged(file: string, words: string, cause?: unknown): Error {
  return new Error(
    `The database ${file} is damaged: ${words.trim().replaceAll('\n', ' ')}. It was left as it is. Put admin/ back from ` +
      'a backup. Without one, move ai-lab.db and every ai-lab.db-… beside it elsewhere, and run: ailab rebuild (docs/upgrade.md).',
    { cause },
  )
}

function isCode(error: unknown, ...codes: string[]): error is InstanceType<typeof SQLite.SqliteError> {
  return error instanceof SQLite.SqliteError && codes.some((code) => error.code.startsWith(code))
}

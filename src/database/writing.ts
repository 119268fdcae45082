import SQLite from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { Problem } from '../domain/problem.ts'

// SQLite has a code of its own only for ENOSPC. If a quota is used up (EDQUOT), a write, or a step with the journal beside
// the database, ends with the same codes as on a broken disk.
const refusals = [
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_DIR_FSYNC',
  'SQLITE_IOERR_TRUNCATE',
  'SQLITE_IOERR_DELETE',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_CANTOPEN',
]

/** Runs a write. If the disk takes no more, or another program writes for too long, it throws the problem that people read. */
export async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    throw (error instanceof SQLite.SqliteError && problemOf(error)) || error
  }
}

function problemOf(cause: InstanceType<typeof SQLite.SqliteError>): Problem | null {
  if (cause.code === 'SQLITE_BUSY') {
    const words = 'Another program writes to the database; nothing was changed. Ask again.'
    return new Problem('database-busy', words, { cause, retryAfterSeconds: 1 })
  }
  const words = noRoomWords(cause.code)
  return words === null ? null : new Problem('no-room', words, { cause })
}

function noRoomWords(code: string): string | null {
  if (code === 'SQLITE_FULL') return 'The disk of the data root is full; nothing was changed.'
  if (!refusals.includes(code)) return null
  return 'The disk of the data root takes no more: a quota may be used up, or the disk may be broken; nothing was changed.'
}

/** Writes several things, or none of them. */
export function writingTogether<Tables, T>(db: Kysely<Tables>, write: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
  return writing(() => db.transaction().execute(write))
}

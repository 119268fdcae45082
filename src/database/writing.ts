import SQLite from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { Problem } from '../domain/problem.ts'

/** Runs a write; a full disk becomes the problem that people are told. */
export async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof SQLite.SqliteError && error.code === 'SQLITE_FULL') {
      throw new Problem('no-room', 'The disk of the data root is full; nothing was changed.', { cause: error })
    }
    throw error
  }
}

/** Writes several things, or none of them. */
export function writingTogether<Tables, T>(db: Kysely<Tables>, write: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
  return writing(() => db.transaction().execute(write))
}

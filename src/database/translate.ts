import SQLite from 'better-sqlite3'
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

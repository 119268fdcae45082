import SQLite from 'better-sqlite3'

const anotherBackend =
  'Another backend works on this data root already. Only one may: stop it first (`ps -ef | grep main.ts` shows it).'

// A rebuild that finds a database after all holds the lock for an instant.
const patienceMs = 250

/**
 * Takes the lock of a data root, so that two backends never work on one; or any other lock, with `taken` as the words of
 * a refusal. It is the lock that SQLite holds on a file during an open transaction: the kernel releases it at once when
 * the process ends, in whatever way.
 *
 * @throws Error if another process holds the lock
 */
export function takeLock(file: string, taken = anotherBackend): Disposable {
  const sqlite = new SQLite(file, { timeout: patienceMs })
  try {
    sqlite.pragma('journal_mode = DELETE')
    sqlite.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    sqlite.close()
    if (!isBusy(error)) throw error
    throw new Error(taken, { cause: error })
  }
  return { [Symbol.dispose]: () => sqlite.close() }
}

function isBusy(error: unknown): boolean {
  return error instanceof SQLite.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

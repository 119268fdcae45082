import { readFile, rm, stat } from 'node:fs/promises'
import { isCode } from './files.ts'

/**
 * Runs a look at an SQLite file, and removes what the look leaves beside it: a read-only connection makes an empty log
 * (`-wal`) and its index (`-shm`), and may not remove them. Only for who holds the lock of the data root.
 */
export async function leavingNoTrace(file: string, look: () => void): Promise<void> {
  const made: string[] = []
  for (const part of [`${file}-wal`, `${file}-shm`]) if (!(await exists(part))) made.push(part)
  try {
    look()
  } finally {
    for (const part of made) await rm(part, { force: true })
  }
}

/** The bytes of an SQLite file that was closed in order; null where a log is beside it: it is in use, or was left so. */
export async function readClosedDatabase(file: string): Promise<Uint8Array | null> {
  for (const part of [`${file}-wal`, `${file}-journal`]) if (await exists(part)) return null
  return await readFile(file)
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

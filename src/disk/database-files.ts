import { readFile, rm, stat } from 'node:fs/promises'
import { isCode } from './files.ts'

/** Whether an SQLite file has a log beside it (`-wal`): it is in use, or its last user was killed. */
export function hasLog(file: string): Promise<boolean> {
  return exists(`${file}-wal`)
}

/** The bytes of an SQLite file that was closed in order; null where a log is beside it: it is in use, or was left so. */
export async function readClosedDatabase(file: string): Promise<Uint8Array | null> {
  if ((await hasLog(file)) || (await exists(`${file}-journal`))) return null
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

/** Removes an SQLite file with its log. Only for a database that can be made anew from other data. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${file}${suffix}`, { force: true })
}

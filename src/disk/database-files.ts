import { stat } from 'node:fs/promises'
import { isCode } from './files.ts'

/** Whether an SQLite file has a log beside it (`-wal`): it is in use, or its last user was killed. */
export async function hasLog(file: string): Promise<boolean> {
  try {
    await stat(`${file}-wal`)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

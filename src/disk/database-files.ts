import { rm, stat } from 'node:fs/promises'
import { isCode } from './files.ts'

/**
 * Runs a look at an SQLite file, then removes the files that the look left beside it: a read-only connection makes an
 * empty log (`-wal`) and its index (`-shm`), and may not remove them. The caller must hold the lock of the data root.
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

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

import type { Stats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import type { Kind, Look } from '../ports/site.ts'
import { isCode } from './files.ts'

/** The entry at a path itself, not at the end of a link; null if there is none. */
export async function lookAt(path: string | Buffer): Promise<Look | null> {
  try {
    return lookOf(await lstat(path))
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

export function lookOf(stats: Stats): Look {
  return { kind: kindOf(stats), uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777 }
}

function kindOf(stats: Stats): Kind {
  if (stats.isDirectory()) return 'folder'
  if (stats.isFile()) return 'file'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

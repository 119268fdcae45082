import type { Stats } from 'node:fs'
import { lstat, readFile, stat } from 'node:fs/promises'
import type { FileId } from '../../src/domain/proof/compare-mounts.ts'
import type { FileSight } from '../../src/ports/engine.ts'

/** The fake engine's view of a real folder: the same as the real engine shows through a bind. */
export async function sightOfFile(path: string): Promise<FileSight | null> {
  const found = await lstat(path, { bigint: true }).catch(nullWhenMissing)
  return found?.isFile() ? { sizeBytes: Number(found.size), modifiedNs: found.mtimeNs.toString() } : null
}

export async function textOfFile(path: string): Promise<string | null> {
  const sight = await sightOfFile(path)
  return sight && sight.sizeBytes <= 4096 ? await readFile(path, 'utf8') : null
}

export async function idOfFile(path: string): Promise<FileId | null> {
  const found = await stat(path, { bigint: true }).catch(nullWhenMissing)
  return found && { device: String(found.dev), inode: String(found.ino) }
}

export async function isThere(path: string): Promise<boolean> {
  const found: Stats | null = await lstat(path).catch(nullWhenMissing)
  return found !== null
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}

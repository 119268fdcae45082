import { statfs } from 'node:fs/promises'
import type { Room } from '../domain/room.ts'

/** The room on the file system of a path, for those who are not root. */
export async function roomAt(path: string): Promise<Room> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path)
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, totalFiles: files, freeFiles: ffree }
}

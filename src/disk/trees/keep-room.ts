import { Problem } from '../../domain/problem.ts'
import type { Folder } from '../folder.ts'

const lookEveryBytes = 2 ** 24
/** What the smallest file takes. */
const leastBytes = 2 ** 12

/**
 * Watches what a copy leaves of a disk. The last of it is for the platform's own records, and for people who delete files.
 * @throws Problem no-room once less than `keepFreeBytes` is free
 */
export function createKeepRoom(folder: Pick<Folder, 'room'>, keepFreeBytes: number): (bytes: number) => Promise<void> {
  let unseen = lookEveryBytes // the first one looks
  return async (bytes) => {
    unseen += Math.max(bytes, leastBytes)
    if (keepFreeBytes === 0 || unseen < lookEveryBytes) return
    unseen = 0
    const { freeBytes } = await folder.room()
    if (freeBytes >= keepFreeBytes) return
    throw new Problem('no-room', 'The disk has too little room left for the copy; nothing was changed.')
  }
}

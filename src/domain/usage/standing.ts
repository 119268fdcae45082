import { sizeInWords } from '../../lib/size-in-words.ts'
import type { UserId } from '../people/user-id.ts'
import { Problem } from '../problem.ts'

/** A person's storage against the limit of their tier. */
export type Standing = 'unlimited' | 'within' | 'near' | 'over'

/** What a person may store, and does. `limitBytes` null: no limit. `trashBytes`: the part that is in the trash. */
export type Room = { limitBytes: number | null; usedBytes: number; trashBytes?: number }

const nearPart = 0.9

/** Over means that nothing more fits: the limit is reached. */
export function standingOf({ limitBytes, usedBytes }: Room): Standing {
  if (limitBytes === null) return 'unlimited'
  if (usedBytes >= limitBytes) return 'over'
  return usedBytes >= limitBytes * nearPart ? 'near' : 'within'
}

/** A sentence for the person if they are near the limit or over it, else null. */
export function standingWords(room: Room): string | null {
  const standing = standingOf(room)
  if (room.limitBytes === null || standing === 'within' || standing === 'unlimited') return null
  const used = `${sizeInWords(room.usedBytes)} of the ${sizeInWords(room.limitBytes)} that the tier allows${trashWords(room)}`
  return standing === 'near'
    ? `This folder takes ${used}. Once it takes all of it, uploads and new environments are refused.`
    : `This folder takes ${used}. Uploads and new environments are refused until files are deleted; environments that exist still start.`
}

/** What is in the trash takes room until it is removed for good. */
function trashWords({ trashBytes = 0 }: Room): string {
  return trashBytes > 0 ? `, ${sizeInWords(trashBytes)} of it in the trash` : ''
}

/**
 * @throws Problem storage-full if a person is over their limit, or would be with `moreBytes`
 */
export function requireStorage(room: Room, what: string, moreBytes = 0): void {
  const { limitBytes, usedBytes, trashBytes = 0 } = room
  if (limitBytes === null || (standingOf(room) !== 'over' && usedBytes + moreBytes <= limitBytes)) return
  const more = moreBytes > 0 ? ` and this needs ${sizeInWords(moreBytes)} more` : ''
  throw new Problem(
    'storage-full',
    `${what} is refused: the folder takes ${sizeInWords(usedBytes)} of the ${sizeInWords(limitBytes)} that the tier allows${trashWords(room)}${more}. Delete files that are not needed any more${trashBytes > 0 ? ', and empty the trash' : ''}, then ask again.`,
  )
}

/**
 * The quota of a folder does not count the trash. Without a limit of its own, a notebook could fill the folder and its person delete all
 * of it, again and again, until the disk is full.
 * @throws Problem storage-full if the trash of that person holds as much as they may store, or more. `by`: who deletes
 */
export function requireTrashRoom(
  { limitBytes, trashBytes }: { limitBytes: number; trashBytes: number },
  { by, id }: { by: UserId; id: UserId },
): void {
  if (trashBytes < limitBytes) return
  const [whose, their] = by === id ? ['your trash', 'your'] : [`the trash of ${id}`, 'their']
  throw new Problem(
    'storage-full',
    `The deletion is refused: ${whose} holds ${sizeInWords(trashBytes)}, and ${their} tier allows ${sizeInWords(limitBytes)} there. Remove something from it for good: DELETE /api/trash/<id>.`,
  )
}

/** The removal of a person: what is chosen for their environments and their folder, and what is done so far. Pure. */
import { z } from 'zod'
import { userFolder } from '../names.ts'
import { type UserId, userId } from './user-id.ts'

export const environmentsChoice = z.enum(['keep', 'delete'])
export const folderChoice = z.enum(['keep', 'trash'])

export type RemovalChoice = { environments: z.infer<typeof environmentsChoice>; folder: z.infer<typeof folderChoice> }

const kept = z.object({
  user_id: userId,
  /** When the account was made: a later one of the same id is another person's. */
  account_created: z.number(),
  environments: environmentsChoice,
  folder: folderChoice,
})

export type Removal = z.infer<typeof kept>

/** @throws Error if a job keeps something else */
export function readRemoval(input: unknown): Removal {
  return kept.parse(input)
}

const keptDone = z.object({
  environments: z.array(z.string()).default([]),
  trashed: z.boolean().default(false),
  isLast: z.boolean().default(false),
})

/**
 * `environments`: those that were deleted. `trashed`: whether what was in the folder is in the trash. `isLast`: whether the removal of the
 * account, the last step, has begun.
 */
export type RemovalDone = z.infer<typeof keptDone>

/** @throws Error if a job keeps something else */
export function readDone(result: unknown): RemovalDone {
  return keptDone.parse(result ?? {})
}

/** Whether the removal takes a while, so that a job does it. */
export function isLong({ environments, folder }: RemovalChoice): boolean {
  return environments === 'delete' || folder === 'trash'
}

/** No second removal of a person begins while a job with this key is under way. */
export function removalKey(id: UserId): string {
  return `remove ${id}`
}

/** Says in one sentence what a removal is about. */
export function removalInWords(id: UserId, { environments, folder }: RemovalChoice): string {
  const also = [
    ...(environments === 'delete' ? ['delete their environments'] : []),
    folder === 'trash' ? `put ${userFolder(id)} into the trash` : `keep ${userFolder(id)}`,
  ]
  return `Remove ${id}: ${also.join(', ')}`
}

/**
 * Tells what a removal that ended early has done, and how the rest is done or undone. `isLeaving`: whether the person still has the
 * account, and it is disabled.
 */
export function doneInWords(id: UserId, { environments, trashed }: RemovalDone, isLeaving: boolean): string {
  const sentences = [
    ...(isLeaving ? [`${id} still has an account, which is disabled`] : []),
    ...(environments.length > 0 ? [`these environments are deleted, or will be: ${environments.join(', ')}`] : []),
    ...(trashed ? [`what has left ${userFolder(id)} is in the trash and can be brought back`] : []),
  ]
  const done = `So far: ${sentences.length > 0 ? sentences.join('; ') : 'nothing'}.`
  return isLeaving ? `${done} Enable the account, or ask for the removal again.` : done
}

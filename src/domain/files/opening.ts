/** Folders of `shared/` that an administrator has opened, so that others may write in them too. Pure. */
import type { Caller } from '../people/account.ts'
import type { UserId } from '../people/user-id.ts'
import { type FilePath, isWithin } from './file-path.ts'

/** One opened folder, for one person or for all of a tier. Times in milliseconds since the epoch. */
export type FolderOpening = {
  id: string
  path: FilePath
  to: { userId: UserId } | { tier: string }
  openedBy: UserId
  openedAt: number
}

/** Whether a caller may change what is at a path: it lies in a folder that is opened to them. The folder itself stays. */
export function admits(
  openings: readonly FolderOpening[],
  { userId, tier }: Pick<Caller, 'userId' | 'tier'>,
  path: FilePath,
): boolean {
  return openings.some(
    ({ path: folder, to }) =>
      ('userId' in to ? to.userId === userId : to.tier === tier) &&
      path.length > folder.length &&
      isWithin(path, folder),
  )
}

import { type BackupPart, folderOf } from '../domain/backups/backup.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { FolderSnapshots } from '../ports/folder-snapshots.ts'

/** A folder that keeps still while it is read. `folder`: where to read it, relative to the data root. */
export type HeldFolder = AsyncDisposable & {
  folder: string
  /** Whether it is a snapshot. */
  isOfInstant: boolean
  /** How many environments stand still for it. */
  paused: number
}

export type HoldFolder = (part: BackupPart, options: { pause: boolean; signal: AbortSignal }) => Promise<HeldFolder>

/** A first backup may take hours, and nobody has to wait that long for their notebook. */
const pauseLimitMs = 30 * 60_000

/**
 * Holds a folder still as well as the machine can: by a snapshot, or, if the backup is to pause, by pausing the environments of its
 * person for 30 minutes at most. Otherwise people go on writing while it is read.
 */
export function createHoldFolder(deps: {
  snapshots: Pick<FolderSnapshots, 'take'>
  /** Pauses a person's running environments, until it is disposed or the time is over. */
  standStill: (
    userId: UserId,
    options: { signal: AbortSignal; atMostMs: number },
  ) => Promise<AsyncDisposable & { paused: number }>
}): HoldFolder {
  return async (part, { pause, signal }) => {
    const snapshot = await deps.snapshots.take(part)
    if (snapshot)
      return { folder: snapshot.folder, isOfInstant: true, paused: 0, [Symbol.asyncDispose]: endOf(snapshot) }
    const folder = folderOf(part)
    if (!pause || part.kind !== 'person') return { folder, ...asItStands }
    const still = await deps.standStill(part.userId, { signal, atMostMs: pauseLimitMs })
    return { folder, isOfInstant: false, paused: still.paused, [Symbol.asyncDispose]: endOf(still) }
  }
}

const asItStands = { isOfInstant: false, paused: 0, [Symbol.asyncDispose]: async () => {} }

const endOf = (held: AsyncDisposable) => () => held[Symbol.asyncDispose]()

import { type BackupPart, folderOf } from '../domain/backups/backup.ts'
import type { FilePath } from '../domain/files/file-path.ts'
import { pathText } from '../domain/files/file-path.ts'
import { requireUnreserved } from '../domain/files/tree.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { type Backups, type Begin, snapshotOf } from './backups.ts'

export const restoreKind = 'restore'

export type Restore = { part: BackupPart; path: FilePath; inPlace: boolean }

/**
 * Begins the restore of a part of a backup, or of one file or folder in it. It has no key in common with the backups: people restore too,
 * and must not keep a backup from beginning.
 * @throws Problem backup-not-found, user-not-found, job-under-way
 */
export type BeginRestore = (
  by: UserId,
  backupId: string,
  restore: Restore,
  options: { signal: AbortSignal },
) => Promise<Job>

export function createBeginRestore(deps: {
  backups: Pick<Backups, 'one'>
  /** @throws Problem user-not-found */
  requirePerson: (id: UserId) => Promise<unknown>
  begin: Begin
}): BeginRestore {
  const { backups, requirePerson, begin } = deps
  return async (by, backupId, { part, path, inPlace }, options) => {
    if (part.kind !== 'admin') requireUnreserved(part, path)
    snapshotOf(await backups.one(backupId, options), part) // or there is no such backup
    if (part.kind === 'person') await requirePerson(part.userId)
    const what = [folderOf(part), ...path].join('/')
    const title = `Restore of ${what} from the backup ${backupId}`
    const input = { backup_id: backupId, folder: folderOf(part), path: pathText(path), in_place: inPlace }
    return await begin(by, { kind: restoreKind, title, input, key: `restore of ${folderOf(part)}` })
  }
}

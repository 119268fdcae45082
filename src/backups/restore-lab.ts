/** Restores a whole lab from its backups, where its data root is lost, or beside it for a drill. No service runs on it. */
import { type Backup, type BackupPart, backupsOf, folderOf } from '../domain/backups/backup.ts'
import type { DatabaseSummary } from '../domain/backups/records.ts'
import type { Progress } from '../domain/jobs/job.ts'
import { Problem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import type { NewRoot } from '../ports/new-root.ts'

export type RestoredLab = {
  backupId: string
  at: number
  folders: number
  leftOut: { folder: string; reason: string }[]
  /** The backup's own summary of its database; null if it has none. */
  records: DatabaseSummary | null
}

// Later backups have the empty folder in its place, and go by the same rule.
const leftOutOnPurpose =
  'It was to be left out. Restore it while a backup of before has it: BACKUP_KEEP says for how long.'

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

/**
 * @param id the newest whole backup if it is null
 * @throws Problem; Error with a sentence for the administrator
 */
export async function restoreLab(
  {
    repository,
    newRoot,
    hostPathOf,
    forService = false,
    without = [],
  }: {
    repository: Pick<BackupRepository, 'takeOver' | 'snapshots' | 'restore'>
    newRoot: NewRoot
    hostPathOf: (folder: string) => Promise<string>
    /** All belongs to the service, which will remove it again. */
    forService?: boolean
    /** People's folders to leave out. */
    without?: readonly string[]
  },
  id: string | null,
  { signal, tell }: Running,
): Promise<RestoredLab> {
  await repository.takeOver({ signal }) // an errand of a run that was killed
  const backup = chosen(backupsOf(await repository.snapshots({ signal })), id)
  const { isRestored } = await newRoot.begin(backup.id)
  const published = async () => {
    const { left_out: leftOut, records = null } = await newRoot.publish()
    return { backupId: backup.id, at: backup.at, folders: backup.snapshots.length, leftOut, records }
  }
  if (isRestored) return await published()
  requireLeavable(backup, without)
  for (const snapshot of backup.snapshots.filter(({ part }) => !without.includes(folderOf(part)))) {
    const hostPath = await hostPathOf(await newRoot.openPart())
    const doing = `restoring ${folderOf(snapshot.part)}`
    tell({ doing, doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null })
    const restoring = { snapshot, path: '', hostPath, forService }
    await repository
      .restore(restoring, (done) => tell({ ...done, doing }), { signal })
      .catch((error: unknown) => {
        signal.throwIfAborted()
        throw forService ? error : withWayOut(error, snapshot.part)
      })
    await newRoot.closePart(snapshot.part)
  }
  await newRoot.complete(without.map((folder) => ({ folder, reason: leftOutOnPurpose })))
  return await published()
}

/** @throws Error if the backup has no such person's folder */
function requireLeavable({ id, snapshots }: Backup, without: readonly string[]): void {
  const people = snapshots.filter(({ part }) => part.kind === 'person').map(({ part }) => folderOf(part))
  const unknown = without.find((folder) => !people.includes(folder))
  if (unknown !== undefined)
    throw new Error(`The backup ${id} has no ${unknown}. Only people's folders can be left out.`)
}

/** One person's folder must not keep the whole lab from coming back: it may have more in it than the disk takes. */
function withWayOut(error: unknown, part: BackupPart): unknown {
  if (part.kind !== 'person') return error
  const folder = folderOf(part)
  const words = error instanceof Problem ? error.adminDetail : reasonOf(error)
  const advice = `To restore the lab without this folder: ailab restore --without ${folder}`
  return new Error(`${folder} could not be restored. ${words} ${advice}`, { cause: error })
}

/** @throws Problem backup-not-found */
export function chosen(backups: readonly Backup[], id: string | null): Backup {
  const found = id === null ? backups.find(({ isWhole }) => isWhole) : backups.find((each) => each.id === id)
  if (!found) {
    const which =
      id === null ? 'There is no whole backup in this repository.' : `There is no backup ${id} in this repository.`
    throw new Problem('backup-not-found', which)
  }
  if (!found.isWhole) throw new Problem('backup-not-found', `The backup ${found.id} is not whole: it was cut short.`)
  return found
}

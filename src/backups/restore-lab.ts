/** Restores a whole lab from its backups, where its data root is lost, or beside it for a drill. No service runs on it. */
import { type Backup, backupsOf, folderOf } from '../domain/backups/backup.ts'
import type { DatabaseSummary } from '../domain/backups/records.ts'
import type { Progress } from '../domain/jobs/job.ts'
import { Problem } from '../domain/problem.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import type { NewRoot } from '../ports/new-root.ts'

export type RestoredLab = {
  backupId: string
  at: number
  folders: number
  leftOut: { folder: string; reason: string }[]
  /** What the backup says of its database; null if it says nothing, or was restored by an earlier run. */
  records: DatabaseSummary | null
}

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
  }: {
    repository: BackupRepository
    newRoot: NewRoot
    hostPathOf: (folder: string) => Promise<string>
    /** All belongs to the service, which will remove it again. */
    forService?: boolean
  },
  id: string | null,
  { signal, tell }: Running,
): Promise<RestoredLab> {
  await repository.takeOver({ signal }) // an errand of a run that was killed
  const backup = chosen(backupsOf(await repository.snapshots({ signal })), id)
  const { isRestored } = await newRoot.begin()
  const told = { backupId: backup.id, at: backup.at, folders: backup.snapshots.length }
  if (isRestored) {
    await newRoot.publish()
    return { ...told, leftOut: [], records: null }
  }
  for (const snapshot of backup.snapshots) {
    const hostPath = await hostPathOf(await newRoot.openPart())
    const doing = `restoring ${folderOf(snapshot.part)}`
    tell({ doing, doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null })
    await repository.restore({ snapshot, path: '', hostPath, forService }, (done) => tell({ ...done, doing }), {
      signal,
    })
    await newRoot.closePart(snapshot.part)
  }
  const { left_out: leftOut, records = null } = await newRoot.complete()
  await newRoot.publish()
  return { ...told, leftOut, records }
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

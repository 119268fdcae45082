/** Practises a restore: the newest whole backup becomes a lab beside the living one, is asked what it has, and is thrown away. */
import { backupsOf } from '../domain/backups/backup.ts'
import { type DatabaseSummary, differencesOf, type LabRecords } from '../domain/backups/records.ts'
import type { JobData, Progress } from '../domain/jobs/job.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import type { AskTrialService, DrillPlace } from '../ports/drill-place.ts'
import type { OpenRepository } from './open-repository.ts'
import { chosen, type RestoredLab, restoreLab } from './restore-lab.ts'

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

export type RunDrillUses = {
  place: DrillPlace
  open: OpenRepository
  /** The host's path of a folder, given by its path in this process. */
  hostPathOf: (path: string) => Promise<string>
  requireProven: (signal: AbortSignal) => Promise<void>
  askTrialService: AskTrialService
}

/**
 * @returns Does the work of a job. It begins anew after a restart, and removes what an earlier run left.
 *
 * INVARIANT: the living lab is only read. The restored one has neither an engine nor a port nor the id of the living one, so nothing
 * on it can start, stop, remove or adopt a container.
 */
export function createRunDrill({ place, open, hostPathOf, requireProven, askTrialService }: RunDrillUses) {
  async function restored(running: Running) {
    await using opened = await open({ signal: running.signal, mayBegin: false })
    const { repository } = opened
    try {
      return await restoredFrom(repository, running)
    } catch (error) {
      // If the repository went away, the backup may be sound. If it is there and does not give the backup, the backup is at fault.
      if (!isProblem(error, 'backup-repository-unusable') || !(await canBeOpened(repository, running))) throw error
      const words = (why: string) => `The newest backup cannot be restored. ${why}`
      throw new Problem('drill-failed', words(error.detail), { adminDetail: words(error.adminDetail), cause: error })
    }
  }

  async function restoredFrom(repository: BackupRepository, { signal, tell }: Running) {
    const backup = chosen(backupsOf(await repository.snapshots({ signal })), null)
    const size = await repository.sizeOf(
      backup.snapshots.map(({ id }) => id),
      { signal },
    )
    const { root, newRoot } = await place.open(size)
    const uses = { repository, newRoot, hostPathOf, forService: true }
    return { root, size, lab: await restoreLab(uses, backup.id, { signal, tell }) }
  }

  return async ({ signal, tell }: Running): Promise<JobData> => {
    try {
      await requireProven(signal)
      const { root, size, lab } = await restored({ signal, tell })
      const summary = await place.summary()
      requireSame('The restored database', troubleOfCopy(lab.records, summary))
      await place.disown()
      tell({ ...nothingYet, doing: 'asking a service on the restored lab' })
      requireSame('A service on the restored lab', differencesOf(summary, await askTrialService(root, { signal })))
      return resultOf(lab, size, summary)
    } finally {
      await place.clear()
    }
  }
}

function canBeOpened(repository: BackupRepository, { signal }: Running): Promise<boolean> {
  return repository.isBegun({ signal }).catch(() => false)
}

const nothingYet = { doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null }

/** The differences between what a backup says of its database and what came back. A backup of an earlier version says nothing. */
function troubleOfCopy(said: DatabaseSummary | null, summary: DatabaseSummary): string[] {
  if (said === null) return []
  const differences = differencesOf(said, summary)
  const isSame = said.database_sha256 === summary.database_sha256
  return isSame || differences.length > 0 ? differences : ['its checksum is another one.']
}

/** @throws Problem drill-failed */
function requireSame(what: string, differences: readonly string[]): void {
  if (differences.length === 0) return
  throw new Problem('drill-failed', `${what} is not as it was: ${differences.join(' ')}`)
}

function resultOf(
  { backupId, at, folders, leftOut }: RestoredLab,
  { entries, bytes }: { entries: number; bytes: number },
  { people, environments }: LabRecords,
): JobData {
  return {
    backup_id: backupId,
    backup_made: new Date(at).toISOString(),
    people: people.length,
    environments: environments.length,
    folders,
    entries,
    bytes,
    left_out: leftOut,
  }
}

/** The doctor's view of the backups, without the service. */
import { backupKind, checkKind, drillKind } from '../backups/backups.ts'
import { historyOf } from '../backups/history.ts'
import { recordedJobs } from '../database/recorded-jobs.ts'
import { keySight } from '../disk/backup-key.ts'
import { readClosedDatabase } from '../disk/database-files.ts'
import { exists } from '../disk/look-at-root.ts'
import { isOnSameDisk } from '../disk/same-disk.ts'
import type { BackupsSight, DoctorSettings } from '../doctor/observations.ts'
import { intervalOf } from '../domain/backups/standing.ts'
import { nextTime } from '../lib/schedule.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { JobQuery } from '../ports/job-store.ts'
import { program } from './restic-image.ts'

export async function backupsSightOf(
  root: string,
  { backupRepository, backupSchedule }: DoctorSettings,
  { keyFile, inImage }: { keyFile: string | null; inImage: boolean },
): Promise<BackupsSight> {
  const file = `${root}/admin/ai-lab.db`
  const now = systemClock.now()
  const { jobs, bornAt } = recordedJobs(file, await readClosedDatabase(file), [backupKind, checkKind, drillKind])
  const list = async ({ kind, status, limit }: JobQuery) =>
    jobs.filter((job) => job.kind === kind && (status === undefined || job.status === status)).slice(0, limit)
  return {
    history: await historyOf({ list }),
    bornAt: bornAt ?? now,
    now,
    everyMs: intervalOf((after) => (backupSchedule === null ? null : nextTime(backupSchedule, after)), now),
    key: await keySight({ file: keyFile, mark: `${root}/admin/backup-key-hash` }),
    hasRestic: inImage ? null : await exists(program),
    isOnSameDisk: await isOnSameDisk(root, backupRepository),
  }
}

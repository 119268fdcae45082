import type { BackupHistory } from '../domain/backups/standing.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { JobStore } from '../ports/job-store.ts'
import { backupKind, checkKind } from './backups.ts'

const looked = 30

/** The history of the backups, as the recorded jobs tell it. */
export async function historyOf(jobs: Pick<JobStore, 'list'>): Promise<BackupHistory & { lastBegunAt: number | null }> {
  const [backups, checks] = await Promise.all([
    jobs.list({ kind: backupKind, limit: looked }),
    jobs.list({ kind: checkKind, limit: looked }),
  ])
  const last = backups.find(({ status }) => status === 'done')
  const newest = backups.find(({ status }) => status === 'done' || status === 'failed')
  const failed = newest?.status === 'failed' ? newest : null
  return {
    lastBegunAt: backups[0]?.createdAt ?? null,
    lastDoneAt: last?.createdAt ?? null,
    leftOut: leftOutOf(last),
    failedAt: failed?.endedAt ?? null,
    failure: failed?.failure?.detail ?? null,
    damage: damageOf(checks),
  }
}

function leftOutOf(job: Job | undefined): number {
  const folders = job?.result?.left_out
  return Array.isArray(folders) ? folders.length : 0
}

/** Damage stays until a later check finds none. */
function damageOf(checks: readonly Job[]): string | null {
  const newest = checks.find(({ status, failure }) => status === 'done' || failure?.code === 'backup-damaged')
  return newest?.failure?.detail ?? null
}

import { type DrillHistory, tellsOfBackup } from '../domain/backups/drill.ts'
import type { BackupHistory } from '../domain/backups/standing.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { JobStore } from '../ports/job-store.ts'
import { backupKind, checkKind, drillKind } from './backups.ts'

const looked = 30

/** The history of the backups, as the recorded jobs tell it. */
export async function historyOf(jobs: Pick<JobStore, 'list'>): Promise<BackupHistory & { lastBegunAt: number | null }> {
  const [backups, checks, drills] = await Promise.all([
    newestOf(jobs, backupKind),
    newestOf(jobs, checkKind),
    newestOf(jobs, drillKind),
  ])
  const last = backups.find(({ status }) => status === 'done')
  const newest = backups.find(({ status }) => status === 'done' || status === 'failed')
  const failed = newest?.status === 'failed' ? newest : null
  return {
    lastBegunAt: backups[0]?.createdAt ?? null,
    lastDoneAt: last?.createdAt ?? null,
    leftOut: leftOutOf(last),
    oldOnesStay: last?.result?.old_ones_stay !== undefined,
    failedAt: failed?.endedAt ?? null,
    failure: failed?.failure?.detail ?? null,
    damage: damageOf(checks),
    drill: drillHistoryOf(drills),
  }
}

/** The newest jobs of a kind, the newest first, and the last one that went well, however many have failed since. */
async function newestOf(jobs: Pick<JobStore, 'list'>, kind: string): Promise<Job[]> {
  const newest = await jobs.list({ kind, limit: looked })
  const done = await jobs.list({ kind, status: 'done', limit: 1 })
  return newest.some(({ status }) => status === 'done') ? newest : [...newest, ...done]
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

/** A failure stays until a later drill goes well. */
function drillHistoryOf(drills: readonly Job[]): DrillHistory {
  const done = drills.find(({ status }) => status === 'done')
  const telling = drills.find(({ status, failure }) => status === 'done' || (failure && tellsOfBackup(failure.code)))
  return {
    practisedAt: done?.endedAt ?? null,
    backupId: done ? String(done.result?.backup_id) : null,
    failure: telling?.failure?.detail ?? null,
  }
}

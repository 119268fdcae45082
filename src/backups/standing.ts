import { type BackupHistory, type BackupStanding, intervalOf, standingOf } from '../domain/backups/standing.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobStore } from '../ports/job-store.ts'
import { backupKind } from './backups.ts'
import { historyOf } from './history.ts'

export type KnownStanding = {
  standing: BackupStanding
  nextAt: number | null
  history: BackupHistory
  last: Job | null
}

/** Looks up how the lab is backed up, and when the next backup is due. Costs a few reads of the database. */
export function createLookAtBackups(deps: {
  jobs: Pick<JobStore, 'list'>
  /** The first scheduled moment after another one; null: there is no schedule. */
  next: (after: number) => number | null
  bornAt: () => Promise<number>
  clock: Clock
}): () => Promise<KnownStanding> {
  const { jobs, next, bornAt, clock } = deps
  return async () => {
    const now = clock.now()
    const history = await historyOf(jobs)
    const [last = null] = await jobs.list({ kind: backupKind, status: 'done', limit: 1 })
    return {
      standing: standingOf(history, { everyMs: intervalOf(next, now), bornAt: await bornAt(), now }),
      nextAt: next(now),
      history,
      last,
    }
  }
}

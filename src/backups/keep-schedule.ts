import { dueAt } from '../domain/backups/standing.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobStore } from '../ports/job-store.ts'

/** Scheduled work has no person who asked for it. */
export const scheduler = 'ai-lab' as UserId

const lookAtLeastEveryMs = 60_000
const afterTroubleMs = 60_000

/**
 * Begins a kind of job whenever it is due, until `signal` aborts. A moment that passed while the service was not up counts too: then
 * the job begins soon after the start.
 */
export async function keepSchedule(
  deps: {
    kind: string
    jobs: Pick<JobStore, 'list'>
    /** There may be nothing to begin yet. */
    begin: () => Promise<unknown>
    next: (after: number) => number | null
    /** Since when there is something to back up. */
    bornAt: () => Promise<number>
    clock: Clock
    onError: (error: unknown) => void
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { kind, jobs, begin, next, bornAt, clock, onError } = deps
  while (!signal.aborted) {
    try {
      const [newest] = await jobs.list({ kind, limit: 1 })
      const due = dueAt({ lastBegunAt: newest?.createdAt ?? null, bornAt: await bornAt() }, next)
      const waitMs = due === null ? lookAtLeastEveryMs : due - clock.now()
      const isDue = waitMs <= 0
      if (isDue) await begin()
      // In short waits: the clock may be set, and the machine may sleep.
      const sleepMs = isDue ? lookAtLeastEveryMs : Math.min(Math.max(waitMs, 1_000), lookAtLeastEveryMs)
      await clock.sleep(sleepMs, { signal })
    } catch (error) {
      if (!isProblem(error, 'job-under-way')) onError(error)
      await clock.sleep(afterTroubleMs, { signal })
    }
  }
}

import type { Job } from '../domain/jobs/job.ts'
import { jobOf } from './job-store.ts'
import { lookInto } from './look-into.ts'
import type { JobRow } from './tables.ts'

const keptAtMost = 2_000

/**
 * The jobs of these kinds, the newest first, and when the first account was made; null if there is none. It writes nothing; `content` as
 * for `troubleOfDatabase`.
 */
export function recordedJobs(
  file: string,
  content: Uint8Array | null,
  kinds: readonly string[],
): { jobs: Job[]; bornAt: number | null } {
  return lookInto(file, content, (sqlite) => {
    const holes = kinds.map(() => '?').join(', ')
    const jobs = `select * from jobs where kind in (${holes}) order by created_at desc, id desc limit ${keptAtMost}`
    const born = sqlite.prepare<[], number | null>('select min(created_at) from accounts').pluck().get()
    return {
      jobs: sqlite
        .prepare<string[], JobRow>(jobs)
        .all(...kinds)
        .map(jobOf),
      bornAt: born ?? null,
    }
  })
}

import type { Job } from '../api/bodies.ts'
import { isUnderWay } from './job-words.ts'

/** The jobs that were under way when somebody looked last; null before the first look. */
export type Known = ReadonlySet<string> | null

export function knownOf(jobs: readonly Job[]): Known {
  return new Set(jobs.filter(isUnderWay).map(({ id }) => id))
}

/** The jobs that have begun or ended since the last look. At the first look no job is news. Pure. */
export function newsOf(known: Known, jobs: readonly Job[]): Job[] {
  if (known === null) return []
  return jobs.filter((job) => isUnderWay(job) !== known.has(job.id))
}

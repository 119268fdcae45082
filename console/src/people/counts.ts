import type { Environment } from '../api/bodies.ts'

/** How many environments a person has: those that run, those that failed, and all. */
export type Counts = { running: number; failed: number; all: number }

export const noneAtAll: Counts = { running: 0, failed: 0, all: 0 }

/** The environments of each person, counted in one pass. Pure. */
export function countsByPerson(environments: readonly Environment[]): Map<string, Counts> {
  const counts = new Map<string, Counts>()
  for (const { user_id, status } of environments) {
    let of = counts.get(user_id)
    if (!of) {
      of = { ...noneAtAll }
      counts.set(user_id, of)
    }
    of.all += 1
    if (status === 'running') of.running += 1
    if (status === 'failed') of.failed += 1
  }
  return counts
}

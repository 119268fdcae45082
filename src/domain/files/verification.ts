/** The findings of a dataset's verification. Pure. */

const listedAtMost = 1_000

/** Files whose content is another, and files that are missing. */
export type Found = { verified: number; differ: string[]; missing: string[] }

/**
 * What is recorded of it: each list has 1,000 paths at most. `unlisted_…`: how many more there were; left out in records from before
 * the lists had a limit. `of`: the version of the dataset.
 */
export type Verification = Found & { unlisted_differ?: number; unlisted_missing?: number; of: string }

export function recorded({ verified, differ, missing }: Found, of: string): Verification {
  return {
    verified,
    differ: differ.slice(0, listedAtMost),
    missing: missing.slice(0, listedAtMost),
    unlisted_differ: Math.max(0, differ.length - listedAtMost),
    unlisted_missing: Math.max(0, missing.length - listedAtMost),
    of,
  }
}

/** How many files there were of each, listed or not. */
export function countsOf(found: Omit<Verification, 'of'>): { verified: number; differ: number; missing: number } {
  const { verified, differ, missing, unlisted_differ = 0, unlisted_missing = 0 } = found
  return { verified, differ: differ.length + unlisted_differ, missing: missing.length + unlisted_missing }
}

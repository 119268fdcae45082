/** If an environment had to be started this often in this time, it keeps ending by itself: it has failed. */
export const startsAtMost = 5
export const startsWithinMs = 600_000

const longestMs = 60_000

/** The starts that still count at `now`, a moment of the same steady clock. */
export function startsLately(starts: readonly number[], now: number): number[] {
  return starts.filter((at) => at > now - startsWithinMs)
}

/**
 * How long to wait before the next start. The second start in a row is at once; each later one waits longer, up to a
 * minute.
 */
export function restartDelayMs(startsLately: number): number {
  return startsLately < 2 ? 0 : Math.min(longestMs, 1000 * 3 ** (startsLately - 2))
}

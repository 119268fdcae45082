/** An environment that had to be started this often in this time ends by itself again and again: it has failed. */
export const startsAtMost = 5
export const startsWithinMs = 600_000

const longestMs = 60_000

/** Those of its starts that still count, at a moment of the same steady clock. */
export function startsLately(starts: readonly number[], now: number): number[] {
  return starts.filter((at) => at > now - startsWithinMs)
}

/** How long to wait before the next start, after so many lately: the second is at once, then ever later, up to a minute. */
export function restartDelayMs(startsLately: number): number {
  return startsLately < 2 ? 0 : Math.min(longestMs, 1000 * 3 ** (startsLately - 2))
}

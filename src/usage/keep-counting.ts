import type { Clock } from '../ports/clock.ts'
import type { Counting } from './counting.ts'
import type { Ledger } from './ledger.ts'

// A service that starts has better things to do.
const firstLookAfterMs = 60_000
const lookEveryMs = 60_000

/**
 * Counts a minute after the start and then at the interval, and fully at the times of the schedule. A full count that was missed,
 * because the service did not run at that time, is made up for. Runs until the signal aborts.
 */
export async function keepCounting(
  {
    counting,
    ledger,
    everyMs,
    nextFull,
    clock,
    onError,
  }: {
    counting: Counting
    ledger: Ledger
    /** Null: only the schedule counts. */
    everyMs: number | null
    /** The first time of the schedule after a moment; null: there is none. */
    nextFull: (after: number) => number | null
    clock: Clock
    onError: (error: unknown) => void
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let triedAt = 0
  let triedFullAt = 0
  await clock.sleep(firstLookAfterMs, { signal })
  while (!signal.aborted) {
    try {
      const due = await whatIsDue()
      if (due) {
        triedAt = clock.now()
        if (due.full) triedFullAt = triedAt
        await counting.count(due)
      }
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
    await clock.sleep(lookEveryMs, { signal })
  }

  async function whatIsDue(): Promise<{ full: boolean } | null> {
    const lastFullAt = (await ledger.all()).reduce((latest, { fullAt }) => Math.max(latest, fullAt ?? 0), triedFullAt)
    const fullAt = nextFull(lastFullAt)
    if (fullAt !== null && fullAt <= clock.now()) return { full: true }
    // The counts of an earlier process put nothing off: only a new count finds what that process wrote after them.
    const last = counting.last()
    const lastAt = Math.max(triedAt, last ? last.startedAt + last.tookMs : 0)
    return everyMs !== null && clock.now() - lastAt >= everyMs ? { full: false } : null
  }
}

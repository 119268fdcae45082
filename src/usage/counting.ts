import type { TreeCount } from '../domain/usage/count.ts'
import { type PlaceCount, placesOf } from '../domain/usage/place.ts'
import type { Clock } from '../ports/clock.ts'
import type { Uncounted, UsageCounter } from '../ports/usage-counter.ts'
import type { UsageStore } from '../ports/usage-store.ts'
import type { Ledger } from './ledger.ts'

/** A count that has ended. */
export type CountRun = { startedAt: number; tookMs: number; full: boolean; uncounted: readonly Uncounted[] }

export type Counting = {
  /** Counts now, or joins the count that is under way. Rejects when the service closes. */
  count(options: { full: boolean }): Promise<CountRun>
  isCounting(): boolean
  /** The last count of this process; null before its first. */
  last(): CountRun | null
}

// A transaction holds the event loop for as long as it takes.
const recordedAtOnce = 50

export function createCounting({
  counter,
  ledger,
  store,
  stopSubvolumes,
  clock,
  closing,
  onEnd,
}: {
  counter: UsageCounter
  ledger: Ledger
  store: UsageStore
  /** Whether quotas hold people's folders, so that subvolumes in them are kept from growing. */
  stopSubvolumes: () => boolean
  clock: Clock
  closing: AbortSignal
  /** Called after each count, once its figures are recorded; with what the folders in the trash take, if they were counted. */
  onEnd: (run: CountRun, trash: ReadonlyMap<string, number> | null) => Promise<void>
}): Counting {
  let running: Promise<CountRun> | null = null
  let last: CountRun | null = null

  async function run(full: boolean): Promise<CountRun> {
    const startedAt = clock.now()
    const began = clock.steady()
    const counted: TreeCount[] = []
    const trash = new Map<string, number>()
    using _count = ledger.beginCount()
    const uncounted = await counter.count(
      { full, stopSubvolumes: stopSubvolumes(), signal: closing },
      (tree) => counted.push(tree),
      (folders) => folders.forEach(({ id, bytes }) => void trash.set(id, bytes)),
    )
    await record(counted, full)
    if (uncounted.length === 0) await ledger.keepOnly(new Set(counted.flatMap(placesOf).map(({ path }) => path)))
    await store.prune(clock.now())
    last = { startedAt, tookMs: clock.steady() - began, full, uncounted }
    await onEnd(last, counted.some(({ tree }) => tree === 'admin') ? trash : null)
    return last
  }

  async function record(counted: readonly TreeCount[], full: boolean): Promise<void> {
    const now = clock.now()
    const earlier = new Map((await ledger.all()).map(({ path, fullAt }) => [path, fullAt]))
    const places = counted
      .flatMap(placesOf)
      .map(
        (place): PlaceCount => ({ ...place, countedAt: now, fullAt: full ? now : (earlier.get(place.path) ?? null) }),
      )
    for (let from = 0; from < places.length; from += recordedAtOnce) {
      await ledger.record(places.slice(from, from + recordedAtOnce))
      await clock.sleep(1)
    }
  }

  return {
    count({ full }) {
      running ??= run(full).finally(() => {
        running = null
      })
      return running
    },
    isCounting: () => running !== null,
    last: () => last,
  }
}

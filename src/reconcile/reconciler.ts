/**
 * Brings every environment from what is observed to what is desired.
 *
 * INVARIANTS
 * - One pass at a time for one environment; a hint during a pass makes one more pass after it.
 * - A pass observes afresh, and again after a wait. Hints say where to look, never what is there.
 * - Starts are bounded for the machine, and fair between people. A waiting environment shows its place in the queue. An
 *   environment that fetches an image takes no place.
 * - The latest proof of the data root decides the plan. A step that creates or starts needs a proof of this very moment.
 */
import type { Status } from '../domain/environment/environment.ts'
import type { Step } from '../domain/environment/plan.ts'
import type { Runtime } from '../domain/environment/status.ts'
import type { Listeners } from '../lib/listeners.ts'
import { Turns } from '../lib/turns.ts'
import type { MeasurePhase } from '../ports/measures.ts'
import { census } from './census.ts'
import { type Actors, createExecutors } from './execute.ts'
import { createExplainMemory, isReportDue, type MemoryLog } from './explain-memory.ts'
import { createObserve } from './observe.ts'
import { createPass } from './pass.ts'
import type { ProgressLog } from './progress-log.ts'
import { createSettleError, type ErrorLog } from './settle-error.ts'
import { createSweep } from './sweep.ts'
import type { Track } from './task.ts'
import { timed } from './timed.ts'
import { createTracks, type News } from './tracks.ts'

export type Reconciler = AsyncDisposable & {
  /** A record was just made: there is no container yet. */
  begin(id: string): void
  /** A hint that something may have changed. */
  wake(id: string): void
  /** The engine reported at that time, by its clock, that memory ran out in an environment. */
  ranOutOfMemory(id: string, at: number): void
  /** Something else is desired now: ends what a running pass waits for, and looks again. */
  redirect(id: string): void
  /** Looks at all environments at once, and wakes those with something to do. */
  sweep(): Promise<void>
  /** The engine does not answer: from now on nothing is known of any environment. */
  lost(reason: string): void
  runtime(id: string): Runtime
  /** How many environments there are of each status, as far as they have been looked at. */
  census(): Record<Status, number>
  /** Resolves when something about an environment changed, or the signal aborts. */
  change(id: string, options: { signal: AbortSignal }): Promise<void>
  /** Hears of every change of every environment. */
  news: Listeners<News>
}

export type ReconcilerLog = ErrorLog & MemoryLog & { step(id: string, step: Step): void }

// A pass that has not settled after so many rounds waits for the next hint rather than spin.
const roundsAtMost = 5

export function createReconciler(
  deps: Actors & {
    isProven: () => boolean
    startsAtOnce: number
    log: ReconcilerLog
    measure: MeasurePhase
    progress: ProgressLog
  },
): Reconciler {
  const { engine, store, lab, clock, log, measure, progress } = deps
  const controller = new AbortController()
  const closing = controller.signal
  const starts: Turns = new Turns(deps.startsAtOnce, () => tracks.moved())
  const tracks = createTracks({ starts, progress })
  const pass = createPass({
    ...deps,
    tracks,
    starts,
    observe: createObserve(deps),
    explainMemory: createExplainMemory(deps),
    executors: timed(createExecutors(deps), measure),
    settleError: createSettleError({ store, clock, log, closing }),
    closing,
  })

  function wake(id: string): void {
    if (closing.aborted) return
    const track = tracks.of(id)
    if (track.pass) {
      track.again = true
      return
    }
    track.pass = passes(id, track)
      .catch((error: unknown) => log.broken(id, error))
      .finally(() => {
        track.pass = null
        if (track.again) wake(id)
      })
  }

  async function passes(id: string, track: Track): Promise<void> {
    for (let round = 0; round < roundsAtMost; round += 1) {
      track.again = false
      track.interruption = new AbortController()
      if (!(await pass(id, track))) return
    }
  }

  return {
    begin(id) {
      const track = tracks.of(id)
      track.seen = { observation: { kind: 'absent' }, ready: false }
      track.requestedAt = clock.now()
      wake(id)
    },
    wake,
    ranOutOfMemory(id, at) {
      const track = tracks.of(id)
      if (!isReportDue(track, at)) return
      track.memoryRanOutAt = at
      wake(id)
    },
    redirect(id) {
      const track = tracks.of(id)
      track.starts = []
      track.requestedAt = clock.now()
      track.seenUp = null // a new request overrides any earlier end
      track.interruption.abort(new Error('Something else is desired now'))
      wake(id)
    },
    sweep: createSweep({ engine, store, clock, lab, trackOf: tracks.of, wake, changed: tracks.changed }),
    lost: tracks.lose,
    census: () => census(tracks.all()),
    runtime: tracks.runtime,
    change: tracks.next,
    news: tracks.news,
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('The service is shutting down'))
      await Promise.all(Array.from(tracks.all(), (track) => track.pass))
    },
  }
}

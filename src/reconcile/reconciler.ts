/**
 * Brings every environment from what is observed to what is desired.
 *
 * INVARIANTS
 * - One pass at a time for one environment; a hint that comes meanwhile makes one more pass after it.
 * - A pass observes afresh, and again after a wait. Hints say where to look, never what is there.
 * - Starts are bounded for the machine, and fair between people; who waits sees its place. Fetching an image takes no place from others.
 * - Whether the data root was proven at last decides what is planned; what creates or starts wants a proof of the last instant.
 */
import type { Environment, Failure, Status } from '../domain/environment/environment.ts'
import { plan, type Step } from '../domain/environment/plan.ts'
import { pictureOf } from '../domain/environment/progress.ts'
import { type Runtime, unknownRuntime } from '../domain/environment/status.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { Bell } from '../lib/bell.ts'
import { Turns } from '../lib/turns.ts'
import type { MeasurePhase } from '../ports/measures.ts'
import { census } from './census.ts'
import { type Actors, createExecutors } from './execute.ts'
import { createObserve } from './observe.ts'
import { Overtaken } from './overtaken.ts'
import { createPerform } from './perform.ts'
import type { ProgressLog } from './progress-log.ts'
import { createSweep } from './sweep.ts'
import { newTrack, type Task, type Track, wantedOf } from './task.ts'
import { timed } from './timed.ts'
import { waitedFor } from './waited-for.ts'

export type Reconciler = AsyncDisposable & {
  /** A record was just made: there is no container yet. */
  begin(id: string): void
  /** A hint that something may have changed. */
  wake(id: string): void
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
}

export type ReconcilerLog = {
  step(id: string, step: Step): void
  failed(id: string, failure: Failure): void
  waits(id: string, reason: Problem): void
  broken(id: string, error: unknown): void
}

const broken = 'Something went wrong in the service; it tries again.'
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
  const { engine, store, lab, isProven, clock, log, measure, progress } = deps
  const observe = createObserve(deps)
  const tracks = new Map<string, Track>()
  const starts = new Turns(deps.startsAtOnce, progress.moved)
  const bell = new Bell()
  const closing = new AbortController()
  const perform = createPerform({
    executors: timed(createExecutors(deps), measure),
    starts,
    clock,
    log,
    measure,
    look,
    changed: tellChange,
    progressed: tellProgress,
  })

  function trackOf(id: string): Track {
    const track = tracks.get(id) ?? newTrack()
    tracks.set(id, track)
    return track
  }

  function runtimeOf(id: string): Runtime {
    const track = tracks.get(id)
    if (!track) return unknownRuntime
    const { seen, activity, pull, note } = track
    return { seen, activity, pull, note, queuePlace: activity === 'queued' ? starts.place(id) : null }
  }

  function tellProgress(environment: Environment): void {
    progress.note(environment.id, pictureOf(environment, runtimeOf(environment.id)))
  }

  function tellChange(environment: Environment): void {
    tellProgress(environment)
    bell.ring(environment.id)
  }

  function wake(id: string): void {
    if (closing.signal.aborted) return
    const track = trackOf(id)
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

  /** One pass; gives whether it did something, so that another look is due. */
  async function pass(id: string, track: Track): Promise<boolean> {
    const environment = await store.get(id)
    if (!environment) {
      tracks.delete(id)
      progress.forget(id)
      bell.ring(id)
      return false
    }
    track.wanted = wantedOf(environment)
    let again = true
    try {
      const signal = AbortSignal.any([closing.signal, track.interruption.signal])
      const steps = await look({ environment, track, signal })
      tellChange(environment)
      await perform(steps, { environment, track, signal })
      track.note = null
      again = steps.length > 0
    } catch (error) {
      again = await settleError(error, environment, track).catch((another) => brokenOff(another, id, track))
    } finally {
      track.activity = null
      track.pull = null
      if (!again) tellProgress(environment) // else the next look does, with the record as it is then
      bell.ring(id)
    }
    return again
  }

  async function look({ environment, track, signal }: Pick<Task, 'environment' | 'track' | 'signal'>): Promise<Step[]> {
    track.seen = await observe(environment, track, { signal })
    signal.throwIfAborted()
    return plan(environment, track.seen, isProven())
  }

  async function settleError(error: unknown, environment: Environment, track: Track): Promise<boolean> {
    const { id } = environment
    if (closing.signal.aborted) return false
    if (track.interruption.signal.aborted || error instanceof Overtaken) return true
    if (isProblem(error, 'engine-unavailable')) {
      track.seen = { observation: { kind: 'unreachable', reason: error.detail }, ready: false }
      return false
    }
    const reason = waitedFor(error)
    if (reason) {
      if (track.note?.adminDetail !== reason.adminDetail) log.waits(id, reason)
      track.note = reason
      return false
    }
    if (!(error instanceof Problem)) return brokenOff(error, id, track)
    const { code, detail, adminDetail } = error
    const failure = { code, detail, adminDetail, at: clock.now() }
    const recorded = await store.change(id, { failure }, { as: environment }) // who acted meanwhile asked again
    if (recorded) log.failed(id, failure)
    return true // there may be something to stop
  }

  function brokenOff(error: unknown, id: string, track: Track): boolean {
    log.broken(id, error)
    track.note = { detail: broken, adminDetail: broken }
    return false
  }

  return {
    begin(id) {
      trackOf(id).seen = { observation: { kind: 'absent' }, ready: false }
      wake(id)
    },
    wake,
    redirect(id) {
      const track = trackOf(id)
      track.starts = []
      track.seenUp = null // who acts now decides, and no end of before
      track.interruption.abort(new Error('Something else is desired now'))
      wake(id)
    },
    sweep: createSweep({ engine, store, clock, lab, trackOf, wake, changed: tellChange }),
    lost(reason) {
      for (const [id, track] of tracks) {
        track.seen = { observation: { kind: 'unreachable', reason }, ready: false }
        progress.stir(id)
        bell.ring(id)
      }
    },
    census: () => census(tracks.values()),
    runtime: runtimeOf,
    change: (id, options) => bell.next(id, options),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The service is shutting down'))
      await Promise.all(Array.from(tracks.values(), (track) => track.pass))
    },
  }
}

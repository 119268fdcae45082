import type { Environment } from '../domain/environment/environment.ts'
import { plan, type Step } from '../domain/environment/plan.ts'
import { transitionOf } from '../domain/environment/transition.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Observe } from './observe.ts'
import { createPerform, type PerformDeps } from './perform.ts'
import type { SettleError } from './settle-error.ts'
import { type Task, type Track, wantedOf } from './task.ts'
import type { Tracks } from './tracks.ts'

/** One pass: reads the record, looks, plans and performs. Gives whether it did something, so that another look is due. */
export type Pass = (id: string, track: Track) => Promise<boolean>

export function createPass(
  deps: Omit<PerformDeps, 'look' | 'changed' | 'progressed'> & {
    store: Pick<EnvironmentStore, 'get'>
    tracks: Tracks
    observe: Observe
    explainMemory: (environment: Environment, track: Track) => Promise<void>
    isProven: () => boolean
    settleError: SettleError
    closing: AbortSignal
  },
): Pass {
  const { store, tracks, observe, explainMemory, isProven, settleError, closing } = deps
  const perform = createPerform({ ...deps, look, changed: tracks.changed, progressed: tracks.progressed })

  async function look({ environment, track, signal }: Pick<Task, 'environment' | 'track' | 'signal'>): Promise<Step[]> {
    track.seen = await observe(environment, track, { signal })
    await explainMemory(environment, track)
    signal.throwIfAborted()
    return plan(environment, track.seen, isProven())
  }

  function reported(environment: Environment, track: Track): void {
    tracks.progressed(environment)
    // A request that came meanwhile has interrupted this pass: its time stays for the next one.
    if (track.interruption.signal.aborted || transitionOf(environment, tracks.runtime(environment.id))) return
    track.requestedAt = null
  }

  return async (id, track) => {
    const environment = await store.get(id)
    if (!environment) {
      tracks.forget(id)
      return false
    }
    track.wanted = wantedOf(environment)
    track.notBefore = Number.NEGATIVE_INFINITY
    let again = true
    try {
      const signal = AbortSignal.any([closing, track.interruption.signal])
      const steps = await look({ environment, track, signal })
      tracks.changed(environment)
      await perform(steps, { environment, track, signal })
      track.note = null
      again = steps.length > 0
    } catch (error) {
      again = await settleError(error, environment, track)
    } finally {
      track.activity = null
      track.pull = null
      if (!again) reported(environment, track) // otherwise the next look reports it, with the newer record
      tracks.ring(id)
    }
    return again
  }
}

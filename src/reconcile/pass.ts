import type { Environment } from '../domain/environment/environment.ts'
import { plan, type Step } from '../domain/environment/plan.ts'
import { whileStill } from '../domain/environment/stand-still.ts'
import { transitionOf } from '../domain/environment/transition.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Observe } from './observe.ts'
import { createPerform, type PerformDeps } from './perform.ts'
import type { SettleError } from './settle-error.ts'
import { type Task, type Track, wantedOf } from './task.ts'
import type { Tracks } from './tracks.ts'

const still = 'It stands still while its folder is backed up, and goes on after that.'
const stillNote = { detail: still, adminDetail: still }

/** One pass: reads the record, looks, plans and performs. Gives whether it did something, so that another look is due. */
export type Pass = (id: string, track: Track) => Promise<boolean>

export function createPass(
  deps: Omit<PerformDeps, 'look' | 'changed' | 'progressed'> & {
    store: Pick<EnvironmentStore, 'get'>
    tracks: Tracks
    observe: Observe
    explainMemory: (environment: Environment, track: Track) => Promise<void>
    isProven: () => boolean
    /** Whether a person's environments are to stand still. */
    standsStill: (userId: UserId) => boolean
    settleError: SettleError
    closing: AbortSignal
  },
): Pass {
  const { store, tracks, observe, explainMemory, isProven, standsStill, settleError, closing } = deps
  const perform = createPerform({ ...deps, look, changed: tracks.changed, progressed: tracks.progressed })

  async function look({ environment, track, signal }: Pick<Task, 'environment' | 'track' | 'signal'>): Promise<Step[]> {
    track.seen = await observe(environment, track, { signal })
    await explainMemory(environment, track)
    signal.throwIfAborted()
    const wanted = standsStill(environment.userId) ? whileStill(environment, track.seen) : environment
    return plan(wanted, track.seen, isProven())
  }

  function isHeldStill({ desired, userId }: Environment, { seen }: Track): boolean {
    const isPaused = seen?.observation.kind === 'container' && seen.observation.state === 'paused'
    return isPaused && desired === 'running' && standsStill(userId)
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
      track.note = isHeldStill(environment, track) ? stillNote : null
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

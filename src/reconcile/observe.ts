import { type LabSettings, mountsOf } from '../domain/environment/container-spec.ts'
import type { Environment } from '../domain/environment/environment.ts'
import type { Seen } from '../domain/environment/plan.ts'
import { recognise } from '../domain/environment/recognise.ts'
import { isOver } from '../domain/environment/upstream.ts'
import { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { endSettlesAfterMs } from './ended.ts'
import { forgetUpstream } from './forget-upstream.ts'
import { isReady, type Track } from './task.ts'

// After a reboot all containers have ended. No engine answers in time if it is asked about thousands at once.
const endsAtOnce = 16

/** Looks at one environment afresh. If it has ended, the record says so before anything else may get its port. */
export type Observe = (environment: Environment, track: Track, options: { signal: AbortSignal }) => Promise<Seen>

export function createObserve(deps: {
  engine: Engine
  store: Pick<EnvironmentStore, 'change'>
  lab: () => Promise<LabSettings>
  clock: Pick<Clock, 'steady' | 'sleep'>
}): Observe {
  const { engine, store, lab, clock } = deps
  const ends = new Turns(endsAtOnce)

  async function look(environment: Environment, track: Track): Promise<Seen> {
    const { id, userId, upstream } = environment
    const found = await engine.inspect(id)
    track.lookedAt = clock.steady()
    const observation = recognise(found, id, found ? mountsOf(userId, await lab()) : [])
    if (upstream && isOver(upstream, observation)) await forgetUpstream(store, environment)
    // An adopted environment may be one that the service knew before: its record has yet to say where it answers.
    const isRecorded = upstream !== null && !isOver(upstream, observation)
    return { observation, ready: isRecorded && observation.kind === 'container' && isReady(track, observation) }
  }

  return async (environment, track, { signal }) => {
    const first = await look(environment, track)
    const ended = endOf(first, track)
    if (!ended || environment.desired !== 'running' || environment.failure) {
      if (first.observation.kind !== 'unreachable') track.seenUp ??= null
      noteUp(track, first)
      return first
    }
    await clock.sleep(endSettlesAfterMs, { signal })
    using _turn = await ends.acquire(environment.id, { signal })
    const stoppedByHand = await engine.wasStopped(ended.containerId, ended.finishedAt)
    const seen = await look({ ...environment, upstream: null }, track)
    track.seenUp = null
    noteUp(track, seen)
    return { ...seen, stoppedByHand }
  }
}

/** Remembers a container that is up. */
export function noteUp(track: Track, { observation }: Seen): void {
  if (observation.kind === 'container' && (observation.state === 'running' || observation.state === 'paused')) {
    track.seenUp = observation.containerId
  }
}

/**
 * The end of a container that was up at the last look, or that is seen for the first time; null if there is no such
 * end.
 */
function endOf({ observation }: Seen, { seenUp }: Track): { containerId: string; finishedAt: number } | null {
  if (observation.kind !== 'container' || observation.state !== 'exited') return null
  const { containerId, finishedAt } = observation
  const isNew = seenUp === undefined || seenUp === containerId
  return isNew && finishedAt !== null ? { containerId, finishedAt } : null
}

import { type LabSettings, mountsOf } from '../domain/environment/container-spec.ts'
import type { Container, Observation, Outline } from '../domain/environment/environment.ts'
import { ownContainers } from '../domain/environment/own-containers.ts'
import { plan, type Seen } from '../domain/environment/plan.ts'
import { recognise } from '../domain/environment/recognise.ts'
import { Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { noteUp } from './observe.ts'
import { type Track, wantedOf } from './task.ts'

type ObservationOf = (environment: Outline) => Observation

/** Looks at all environments with one question to the engine, and hands those with something to do to `wake`. */
export function createSweep(deps: {
  engine: Engine
  store: Pick<EnvironmentStore, 'outlines'>
  clock: Pick<Clock, 'steady'>
  lab: () => Promise<LabSettings>
  trackOf: (id: string) => Track
  changed: (environment: Outline) => void
  wake: (id: string) => void
}): () => Promise<void> {
  const { engine, store, clock, lab, trackOf, changed, wake } = deps

  /** Asks the engine once for all; the function that it gives finds the observation of one environment. */
  async function lookAtAll(): Promise<ObservationOf> {
    try {
      const containers = ownContainers(await engine.list())
      const settings = await lab()
      return ({ id, userId }) => recognise(containers.get(id) ?? null, id, mountsOf(userId, settings))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return () => ({ kind: 'unreachable', reason: error.detail })
    }
  }

  function compare(environment: Outline, observationOf: ObservationOf, beganAt: number): void {
    const track = trackOf(environment.id)
    // A running pass observes for itself, and later than this list. But a pass that waits may not know that the
    // engine is back.
    if (track.pass && track.seen?.observation.kind !== 'unreachable') return
    track.wanted = wantedOf(environment)
    if (!track.seen || track.lookedAt < beganAt) {
      track.seen = seenIn(observationOf(environment), track)
      noteUp(track, track.seen)
    }
    changed(environment)
    if (clock.steady() >= track.notBefore && plan(environment, track.seen, true).length > 0) wake(environment.id)
  }

  return async () => {
    const beganAt = clock.steady()
    const observationOf = await lookAtAll()
    for await (const page of store.outlines()) {
      for (const environment of page) compare(environment, observationOf, beganAt)
    }
  }
}

/** A list has no start times, so keep the known one: a restart in between would have come as an event. */
function seenIn(observation: Observation, { seen }: Track): Seen {
  if (observation.kind !== 'container') return { observation, ready: false }
  const before = seen?.observation.kind === 'container' ? seen.observation : null
  if (before?.state !== observation.state) return { observation, ready: false }
  return { observation: withStart(observation, before), ready: seen?.ready === true }
}

function withStart(listed: Container, before: Container): Container {
  return { ...listed, startedAt: listed.startedAt ?? before.startedAt }
}

import { type Environment, whateverItsStart } from '../domain/environment/environment.ts'
import { mayPause, mayResume } from '../domain/environment/may-act.ts'
import { isOfMode, isUp, type Seen } from '../domain/environment/plan.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentChange, EnvironmentStore } from '../ports/environment-store.ts'
import type { Find, Found } from './find.ts'

export type Action = 'start' | 'stop' | 'restart' | 'pause' | 'resume' | 'delete'

export type Change = {
  /**
   * Records what is desired now and wakes the reconciler. Repeating is harmless. `safe` is for starts: with or without the
   * person's own packages and settings; if left out, as before.
   *
   * @throws Problem wrong-state
   */
  act(caller: Caller, id: string, action: Action, options?: { safe?: boolean }): Promise<Found>
  /** Records that somebody opens it, while it runs: that is activity too. */
  noteOpening(id: string): Promise<void>
  rename(caller: Caller, id: string, name: string): Promise<Found>
}

export function createChange(deps: {
  find: Find
  store: Pick<EnvironmentStore, 'change'>
  redirect: (id: string) => void
  /** Tells those who follow it. A name changes nothing for the reconciler. */
  renamed: (environment: Pick<Environment, 'id' | 'userId'>) => void
  clock: Pick<Clock, 'now'>
}): Change {
  const { find, store, redirect, renamed, clock } = deps

  async function record(id: string, change: EnvironmentChange): Promise<void> {
    if (!(await store.change(id, change))) throw beingDeleted(id)
  }

  return {
    async act(caller, id, action, { safe } = {}) {
      const { environment, status, runtime } = await find.one(caller, id, 'environment:change')
      if (environment.desired === 'gone' && action === 'delete') return find.one(caller, id)
      const wanted = desiredBy(action, environment, status, lastStartOf(runtime.seen))
      // This request is activity: the time without activity begins anew, and the platform's own act is over.
      await record(id, {
        ...wanted,
        ...(safe !== undefined && safe !== environment.safe && { safe, ...replacing(runtime.seen, safe) }),
        lastActivityAt: clock.now(),
        idleAction: null,
      })
      redirect(id)
      return find.one(caller, id)
    },

    noteOpening: (id) => record(id, { lastActivityAt: clock.now() }),

    async rename(caller, id, name) {
      await find.one(caller, id, 'environment:change')
      await record(id, { name })
      const found = await find.one(caller, id)
      renamed(found.environment)
      return found
    },
  }
}

/**
 * The change of the record that an action makes. Pure. `startedAt` is when its container was started, by the engine's
 * own clock: a restart is due as long as the container has that start time. A start of an ended container is recorded
 * in the same way: if the service is killed meanwhile, it must not take the end for the latest wish.
 * @throws Problem wrong-state when there is nothing to pause or resume
 */
export function desiredBy(
  action: Action,
  { desired }: Pick<Environment, 'desired'>,
  status: Found['status'],
  { startedAt, ended }: LastStart,
): EnvironmentChange {
  switch (action) {
    case 'start':
      return { desired: 'running', failure: null, ...(ended && { restartRequestedAt: startedAt }) }
    case 'stop':
      return { desired: 'stopped', failure: null }
    case 'restart':
      return { desired: 'running', failure: null, restartRequestedAt: startedAt ?? whateverItsStart }
    case 'delete':
      return { desired: 'gone' }
    case 'pause':
      if (mayPause({ desired, status })) return { desired: 'paused', failure: null }
      throw new Problem('wrong-state', `It is ${status}: only a running environment can be paused.`)
    case 'resume':
      if (mayResume({ desired })) return { desired: 'running', failure: null }
      throw new Problem('wrong-state', `It is ${status}: only a paused environment can be resumed. Start it instead.`)
  }
}

/**
 * A container of the other mode goes, and one that is in this mode already stays. If there is none in sight, a later look tells the mode
 * of one by its labels.
 */
function replacing(seen: Seen | null, safe: boolean): EnvironmentChange {
  if (seen?.observation.kind !== 'container') return {}
  return { replaceContainer: isOfMode(seen.observation, safe) ? null : seen.observation.containerId }
}

function beingDeleted(id: string): Problem {
  return new Problem('wrong-state', `${id} is being deleted.`)
}

/** When its container was started, and whether it has ended since, as far as the service has seen. */
type LastStart = { startedAt: number | null; ended: boolean }

export function lastStartOf(seen: Seen | null): LastStart {
  if (seen?.observation.kind !== 'container') return { startedAt: null, ended: false }
  const { startedAt } = seen.observation
  return { startedAt, ended: startedAt !== null && !isUp(seen.observation) }
}

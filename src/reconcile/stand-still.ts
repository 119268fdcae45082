import type { UserId } from '../domain/people/user-id.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Reconciler } from './reconciler.ts'

const pausesWithinMs = 30_000
const environmentsAtMost = 1_000

/** Whose environments stand still at the moment. */
export type Still = { has(userId: UserId): boolean; add(userId: UserId): void; remove(userId: UserId): void }

export function createStill(): Still {
  const counts = new Map<UserId, number>()
  return {
    has: (userId) => counts.has(userId),
    add: (userId) => void counts.set(userId, (counts.get(userId) ?? 0) + 1),
    remove(userId) {
      const left = (counts.get(userId) ?? 0) - 1
      if (left > 0) counts.set(userId, left)
      else counts.delete(userId)
    },
  }
}

/** `paused`: how many environments stand still. Disposing it resumes them, and waits for that. */
export type StandingStill = AsyncDisposable & { paused: number }

/** Pauses a person's running environments, for `atMostMs`. Does not wait longer than 30 seconds for one of them. */
export type StandStill = (userId: UserId, options: { signal: AbortSignal; atMostMs: number }) => Promise<StandingStill>

/**
 * INVARIANT: No record says that an environment stands still. If the service is killed meanwhile, the next one finds a paused container
 * that is to be running, and resumes it.
 */
export function createStandStill(deps: {
  still: Still
  store: Pick<EnvironmentStore, 'list'>
  reconciler: Pick<Reconciler, 'wake' | 'change' | 'runtime'>
  clock: Pick<Clock, 'after'>
}): StandStill {
  const { still, store, reconciler, clock } = deps

  const stateOf = (id: string) => {
    const observation = reconciler.runtime(id).seen?.observation
    return observation?.kind === 'container' ? observation.state : null
  }

  /** Looks at an environment until it is no longer in that state. */
  async function leave(id: string, state: 'running' | 'paused', signal: AbortSignal): Promise<void> {
    reconciler.wake(id)
    while (!signal.aborted) {
      const changed = reconciler.change(id, { signal })
      if (stateOf(id) !== state) return
      await changed
    }
  }

  async function wantedRunning(userId: UserId): Promise<string[]> {
    const environments = await store.list({ userId, limit: environmentsAtMost })
    return environments.filter(({ desired }) => desired === 'running').map(({ id }) => id)
  }

  return async (userId, { signal, atMostMs }) => {
    still.add(userId)
    let isHeld = true
    const release = () => {
      if (isHeld) still.remove(userId)
      isHeld = false
    }
    try {
      const ids = await wantedRunning(userId)
      const within = AbortSignal.any([signal, AbortSignal.timeout(pausesWithinMs)])
      await Promise.all(ids.map((id) => leave(id, 'running', within)))
      const resume = async () => {
        release()
        if (still.has(userId)) return // somebody else holds them
        for (const id of ids) reconciler.wake(id) // these need not wait for the list
        // Some may have been created or started meanwhile: they were paused once they were ready.
        const wanted = await wantedRunning(userId).catch(() => ids)
        await Promise.all(wanted.map((id) => leave(id, 'paused', AbortSignal.timeout(pausesWithinMs))))
      }
      const cancel = clock.after(atMostMs, () => void resume())
      return {
        paused: ids.filter((id) => stateOf(id) === 'paused').length,
        async [Symbol.asyncDispose]() {
          cancel()
          await resume()
        },
      }
    } catch (error) {
      release()
      throw error
    }
  }
}

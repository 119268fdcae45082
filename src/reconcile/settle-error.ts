import { changeOnFailure } from '../domain/environment/change-on-failure.ts'
import type { Environment, Failure } from '../domain/environment/environment.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { Overtaken } from './overtaken.ts'
import type { Track } from './task.ts'
import { unreachable } from './tracks.ts'
import { waitedFor } from './waited-for.ts'

export type ErrorLog = {
  failed(id: string, failure: Failure): void
  waits(id: string, reason: Problem): void
  broken(id: string, error: unknown): void
}

// A pull that ends on a full disk has read much of the image for nothing.
const pullAgainAfterMs = 600_000
const broken = 'Something went wrong in the service; it tries again.'

/** Decides what the error of a pass means; gives whether another look is due at once. Never rejects. */
export type SettleError = (error: unknown, environment: Environment, track: Track) => Promise<boolean>

export function createSettleError(deps: {
  store: Pick<EnvironmentStore, 'change'>
  clock: Pick<Clock, 'now' | 'steady'>
  log: ErrorLog
  closing: AbortSignal
}): SettleError {
  const { store, clock, log, closing } = deps

  async function settle(error: unknown, environment: Environment, track: Track): Promise<boolean> {
    if (closing.aborted) return false
    if (track.interruption.signal.aborted || error instanceof Overtaken) return true
    if (isProblem(error, 'engine-unavailable')) {
      track.seen = unreachable(error.detail)
      return false
    }
    const reason = waitedFor(error)
    if (reason?.code === 'no-room' && track.activity === 'pulling') track.notBefore = clock.steady() + pullAgainAfterMs
    if (reason) return wait(reason, environment, track)
    if (!(error instanceof Problem)) throw error
    await fail(error, environment, track)
    return true // there may be something to stop
  }

  function wait(reason: Problem, { id }: Environment, track: Track): false {
    if (track.note?.adminDetail !== reason.adminDetail) log.waits(id, reason)
    track.note = reason
    return false
  }

  async function fail(
    { code, detail, adminDetail }: Problem,
    environment: Environment,
    { seen }: Track,
  ): Promise<void> {
    const change = changeOnFailure({ code, detail, adminDetail, at: clock.now() }, environment, seen?.observation)
    // A request that came meanwhile asked again: an earlier failure must not overrule its start.
    const recorded = await store.change(environment.id, change, { as: environment })
    if (recorded) log.failed(environment.id, change.failure)
  }

  return async (error, environment, track) => {
    try {
      return await settle(error, environment, track)
    } catch (unforeseen) {
      const reason = waitedFor(unforeseen) // the failure could not be recorded
      if (reason) return wait(reason, environment, track)
      log.broken(environment.id, unforeseen)
      track.note = { detail: broken, adminDetail: broken }
      return false
    }
  }
}

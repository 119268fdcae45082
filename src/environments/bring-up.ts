import type { Status } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import type { Change } from './change.ts'
import type { Found } from './find.ts'
import type { Watch } from './watch.ts'

const waitedMs = 500

/** Starts or resumes an environment that its owner opens, and waits half a second for it: a paused one runs by then. */
export type BringUp = (caller: Caller, found: Found) => Promise<Found>

export function createBringUp(deps: {
  change: Pick<Change, 'act'>
  watch: Pick<Watch, 'untilRunning'>
  closing: AbortSignal
}): BringUp {
  const { change, watch, closing } = deps
  return async (caller, found) => {
    const action = actionFor(found.status)
    if (!action) return found
    const { id } = found.environment
    await change.act(caller, id, action)
    return await watch.untilRunning(caller, id, { limitMs: waitedMs, signal: closing })
  }
}

function actionFor(status: Status): 'resume' | 'start' | null {
  switch (status) {
    case 'paused':
      return 'resume'
    case 'exited':
      return 'start'
    default:
      return null
  }
}

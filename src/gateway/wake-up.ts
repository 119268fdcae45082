import type { Status } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import type { Change } from '../environments/change.ts'
import type { Find, Found } from '../environments/find.ts'
import type { Clock } from '../ports/clock.ts'

const lookMs = 20
const looks = 25

/** Starts or resumes an environment that its owner opens, and waits half a second for it: a paused one runs by then. */
export type WakeUp = (caller: Caller, found: Found) => Promise<Found>

export function createWakeUp(deps: {
  find: Pick<Find, 'one'>
  change: Pick<Change, 'act'>
  clock: Pick<Clock, 'sleep'>
}): WakeUp {
  const { find, change, clock } = deps
  return async (caller, found) => {
    const action = actionFor(found.status)
    if (!action) return found
    const { id } = found.environment
    let now = await change.act(caller, id, action)
    for (let look = 0; look < looks && now.status !== 'running'; look += 1) {
      await clock.sleep(lookMs)
      now = await find.one(caller, id, 'environment:open')
    }
    // The reconciler may not have begun yet. Then the status is still the earlier one.
    return actionFor(now.status) ? { ...now, status: 'starting' } : now
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

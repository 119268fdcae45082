import { z } from 'zod'
import { stateAfter } from '../idle/idle-words.ts'
import { type Outline, type Status, status, whateverItsStart } from './environment.ts'
import { isUp, restartDue, toReplace } from './plan.ts'
import { type Runtime, statusOf } from './status.ts'

export const transitionAction = z.enum(['start', 'stop', 'restart', 'pause', 'resume', 'recreate', 'delete'])
type TransitionAction = z.infer<typeof transitionAction>

/** A status, or `gone` for an environment that is no longer there. */
export const transitionEnd = z.enum([...status.options, 'gone'])
type TransitionEnd = z.infer<typeof transitionEnd>

/**
 * The work under way on an environment. `startedAt`: milliseconds since the epoch; null if the service does not know.
 * `until`: the statuses that end it.
 */
export type Transition = { action: TransitionAction; startedAt: number | null; until: readonly TransitionEnd[] }

const isRunning = ['running', 'exited', 'failed'] as const satisfies Status[]

/** `exited` ends all but a delete: somebody may stop the container by hand, and a container that ended cannot be paused. */
const ends = {
  start: isRunning,
  restart: isRunning,
  resume: isRunning,
  recreate: isRunning,
  pause: ['paused', 'exited', 'failed'],
  stop: ['exited', 'failed'],
  delete: ['gone'],
} as const satisfies Record<TransitionAction, readonly TransitionEnd[]>

type Wanted = Omit<Outline, 'id' | 'userId'>

/**
 * The work under way on an environment; null if it is settled: nothing more will happen by itself. Pure.
 *
 * While the engine does not answer, it is the work that remains if nothing changed meanwhile.
 */
export function transitionOf(wanted: Wanted, runtime: Runtime): Transition | null {
  if (isSettled(wanted, runtime)) return null
  const action = actionOf(wanted, runtime)
  return { action, startedAt: startedAt(wanted, runtime), until: wanted.failure ? ['failed'] : ends[action] }
}

/** Whether the status is the desired one, or will not change by itself. */
function isSettled(wanted: Wanted, { seen, activity }: Runtime): boolean {
  if (activity !== null) return false
  const { desired } = wanted
  const status = statusOf(wanted, seen, activity)
  switch (status) {
    case 'running':
      return desired === 'running'
    case 'paused':
      return desired === 'paused'
    case 'exited':
      return desired === 'stopped'
    default:
      return status === 'failed'
  }
}

function actionOf(wanted: Wanted, { seen, activity }: Runtime): TransitionAction {
  switch (wanted.desired) {
    case 'gone':
      return 'delete'
    case 'stopped':
      return 'stop'
    case 'paused':
      return 'pause'
    case 'running':
      // An environment that did not get ready in time is stopped after it failed.
      return wanted.failure && activity === 'stopping' ? 'stop' : towardsRunning(wanted, seen)
  }
}

function towardsRunning(wanted: Wanted, seen: Runtime['seen']): TransitionAction {
  const { restartRequestedAt } = wanted
  if (seen && toReplace(wanted, seen.observation)) return 'recreate'
  if (restartRequestedAt === whateverItsStart) return 'restart'
  if (seen?.observation.kind !== 'container' || !isUp(seen.observation)) return 'start'
  if (restartDue(restartRequestedAt, seen.observation)) return 'restart'
  return seen.observation.state === 'paused' ? 'resume' : 'start'
}

function startedAt({ desired, idleAction }: Wanted, { requestedAt }: Runtime): number | null {
  return idleAction && desired === stateAfter(idleAction.cause) ? idleAction.at : requestedAt
}

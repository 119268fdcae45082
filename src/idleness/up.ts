import type { Container, Environment } from '../domain/environment/environment.ts'
import { isToEnd } from '../domain/environment/plan.ts'
import type { Runtime } from '../domain/environment/status.ts'
import type { ProblemCode } from '../domain/problem.ts'

// After these failures a container may be up: the engine freezes none whose memory runs out just then, and without a new image the
// old container stays. That must not free it from its limits.
const leavesUp = new Set<ProblemCode>(['engine-refused', 'image-unavailable'])

/**
 * An environment that runs or is paused: as it is to be, because it could not be changed, or because its restart or new container waits.
 * The service is doing nothing to it at the moment.
 */
export type Up = { environment: Environment; container: Container; state: 'running' | 'paused' }

export function upOf(environment: Environment, { seen, activity, note }: Runtime): Up | null {
  const { desired, failure } = environment
  const container = seen?.observation
  if (container?.kind !== 'container' || activity === 'stopping') return null
  const { state, startedAt } = container
  if (activity !== null && startedAt === null) return null // the service starts it: this look is from before the start
  if (state !== 'running' && state !== 'paused') return null
  const isAboutToEnd = isToEnd(environment, container) && note === null // then judge the next run
  const staysUp = failure
    ? leavesUp.has(failure.code) && (desired === 'running' || desired === 'paused')
    : state === desired && !isAboutToEnd
  return staysUp ? { environment, container, state } : null
}

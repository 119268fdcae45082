import type { Container, Environment } from '../domain/environment/environment.ts'
import { isToEnd, type Runtime } from '../domain/environment/status.ts'

/**
 * An environment that runs or is paused, as it is to be or because the engine refused to change it. The service is doing nothing to
 * it at the moment.
 */
export type Up = { environment: Environment; container: Container; state: 'running' | 'paused' }

export function upOf(environment: Environment, { seen, activity }: Runtime): Up | null {
  const { desired, failure } = environment
  const container = seen?.observation
  if (container?.kind !== 'container' || activity === 'stopping') return null
  const { state, startedAt } = container
  if (activity !== null && startedAt === null) return null // the service starts it: this look is from before the start
  if (state !== 'running' && state !== 'paused') return null
  const staysUp = failure
    ? // The engine freezes no container whose memory runs out just then: that must not free it from its limits.
      failure.code === 'engine-refused' && (desired === 'running' || desired === 'paused')
    : state === desired && !isToEnd(environment, container) // if this run is about to end, judge the next one
  return staysUp ? { environment, container, state } : null
}

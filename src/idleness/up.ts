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
  if (container?.kind !== 'container' || desired === 'gone' || activity === 'stopping') return null
  if (isToEnd(environment, container)) return null // this run is about to end; judge the next one
  const { state } = container
  if (state !== 'running' && state !== 'paused') return null
  // The engine freezes no container whose memory runs out just then: that must not free it from its limits.
  const staysAsItIs = failure ? failure.code === 'engine-refused' : state === desired
  return staysAsItIs ? { environment, container, state } : null
}

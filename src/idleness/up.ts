import type { Container, Environment } from '../domain/environment/environment.ts'
import { isToEnd, type Runtime } from '../domain/environment/status.ts'

/** An environment in its desired state: it runs or is paused, and the service is doing nothing to it at the moment. */
export type Up = { environment: Environment; container: Container; state: 'running' | 'paused' }

export function upOf(environment: Environment, { seen, activity }: Runtime): Up | null {
  const { desired, failure } = environment
  const container = seen?.observation
  if (container?.kind !== 'container' || failure || activity === 'stopping') return null
  if (isToEnd(environment, container)) return null // this run is about to end; judge the next one
  const state = container.state
  return (state === 'running' || state === 'paused') && state === desired ? { environment, container, state } : null
}

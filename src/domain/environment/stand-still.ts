import type { Environment } from './environment.ts'
import { restartDue, type Seen, toReplace } from './plan.ts'

/**
 * What is desired of an environment whose person's environments are to stand still: it is paused for that time, as long as it is up and
 * nobody asked for a restart. Its record stays as it is. Pure.
 */
export function whileStill(environment: Environment, { observation }: Seen): Environment {
  const { desired, failure, restartRequestedAt } = environment
  const isUp = observation.kind === 'container' && (observation.state === 'running' || observation.state === 'paused')
  if (!isUp || desired !== 'running' || failure || restartDue(restartRequestedAt, observation)) return environment
  return toReplace(environment, observation) ? environment : { ...environment, desired: 'paused' }
}

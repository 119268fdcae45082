import type { Environment } from '../domain/environment/environment.ts'
import { isProblem } from '../domain/problem.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

/**
 * From now on the gateway leads nobody to where an environment answered until now. Gives the environment without that. On a full
 * disk it is started and stopped all the same.
 */
export async function forgetUpstream(
  store: Pick<EnvironmentStore, 'change'>,
  environment: Environment,
): Promise<Environment> {
  if (environment.upstream === null) return environment
  await store.change(environment.id, { upstream: null }).catch((error: unknown) => {
    if (!isProblem(error, 'no-room')) throw error
  })
  return { ...environment, upstream: null }
}

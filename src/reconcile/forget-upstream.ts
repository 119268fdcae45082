import type { Environment } from '../domain/environment/environment.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { unlessUnwritable } from './unless-unwritable.ts'

/**
 * From now on the gateway leads nobody to where an environment answered until now. Gives the environment without that. If
 * nothing can be recorded, it is started and stopped all the same.
 */
export async function forgetUpstream(
  store: Pick<EnvironmentStore, 'change'>,
  environment: Environment,
): Promise<Environment> {
  if (environment.upstream === null) return environment
  await unlessUnwritable(store.change(environment.id, { upstream: null }))
  return { ...environment, upstream: null }
}

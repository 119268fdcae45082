import type { Environment } from './environment.ts'
import { withSecret } from './launch.ts'
import type { Runtime } from './status.ts'

/** Where a browser opens a running environment, with the secret of its container; null while its address is not known. */
export function accessUrl({ launch, token }: Pick<Environment, 'launch' | 'token'>, { seen }: Runtime): string | null {
  const address = seen?.observation.kind === 'container' ? seen.observation.address : null
  return address ? `http://${address.host}:${address.port}${withSecret(launch.openPath, token)}` : null
}

import type { z } from 'zod'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { variables } from './variables.ts'

/** Settings that are right each for itself, and not together. A line each. Pure. */
export function contradictions(
  { notebook, port, gatewayPort }: { notebook: Owner; port: number; gatewayPort: number },
  { OFFLOAD, TRUST_PROXY }: Pick<z.infer<typeof variables>, 'OFFLOAD' | 'TRUST_PROXY'>,
  user: Owner,
): string[] {
  const cannotGiveAway = user.uid !== 0 && notebook.uid !== user.uid
  return [
    ...(cannotGiveAway
      ? [
          `NB_UID: is ${notebook.uid}, but the service runs as ${user.uid} and cannot give folders to another user. ` +
            'Run it as root or as that user, or leave NB_UID out.',
        ]
      : []),
    ...(gatewayPort === port || gatewayPort > 65535
      ? ['GATEWAY_PORT: write another port than PORT, from 1 to 65535']
      : []),
    ...(OFFLOAD && TRUST_PROXY.length === 0 ? [`OFFLOAD: write the address of ${OFFLOAD} into TRUST_PROXY too`] : []),
  ]
}

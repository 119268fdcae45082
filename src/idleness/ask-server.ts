import type { Address, Environment } from '../domain/environment.ts'
import { readServerLook, type ServerAnswer, type ServerLook } from '../domain/jupyter-activity.ts'
import { basePath } from '../domain/names.ts'

export type GetText = (
  url: string,
  options: { headers: Record<string, string>; limitBytes: number; signal: AbortSignal },
) => Promise<ServerAnswer | null>

const askLimitMs = 2_000
const bodyLimitBytes = 2 ** 20

/**
 * What the environment's own server tells of its use. Asking is no activity itself. Null where it cannot be told: the
 * server is slow, does not answer, or is none of Jupyter's.
 */
export async function askServer(
  { id, launch, token }: Pick<Environment, 'id' | 'launch' | 'token'>,
  address: Address | null,
  { getText, signal }: { getText: GetText; signal: AbortSignal },
): Promise<ServerLook | null> {
  if (launch.type !== 'jupyter' || !address) return null
  const base = `http://${address.host}:${address.port}${basePath(id)}`
  const options = {
    headers: { authorization: `token ${token}` },
    limitBytes: bodyLimitBytes,
    signal: AbortSignal.any([signal, AbortSignal.timeout(askLimitMs)]),
  }
  const [kernels, terminals, metrics] = await Promise.all(
    ['api/kernels?no_track_activity=1', 'api/terminals?no_track_activity=1', 'metrics'].map((path) =>
      getText(base + path, options),
    ),
  )
  return kernels && terminals ? readServerLook({ kernels, terminals, metrics: metrics ?? null }) : null
}

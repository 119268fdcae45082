import type { Address, Environment } from '../domain/environment/environment.ts'
import {
  kernelsIn,
  type ServerAnswer,
  type ServerLook,
  serverLook,
  terminalsIn,
} from '../domain/idle/jupyter-activity.ts'
import { basePath } from '../domain/names.ts'

export type GetText = (
  url: string,
  options: { headers: Record<string, string>; limitBytes: number; signal: AbortSignal },
) => Promise<ServerAnswer | null>

const askLimitMs = 2_000
// Room for a few hundred kernels: more than a container may have processes for.
const listLimitBytes = 2 ** 16
const metricsLimitBytes = 2 ** 20

/**
 * Asks the environment's own Jupyter server about its use. Asking does not count as activity. Null if that fails: the server
 * is slow, or does not answer. The first unusable answer cancels the other requests.
 */
export async function askServer(
  { id, token }: Pick<Environment, 'id' | 'token'>,
  address: Address | null,
  { getText, signal }: { getText: GetText; signal: AbortSignal },
): Promise<ServerLook | null> {
  if (!address) return null
  const base = `http://${address.host}:${address.port}${basePath(id)}`
  const headers = { authorization: `token ${token}` }
  const inVain = new AbortController()
  const ending = AbortSignal.any([signal, AbortSignal.timeout(askLimitMs), inVain.signal])

  const ask = (path: string, limitBytes: number) => getText(base + path, { headers, limitBytes, signal: ending })
  async function list<T>(path: string, read: (answer: ServerAnswer) => T[] | null) {
    const answer = await ask(`${path}?no_track_activity=1`, listLimitBytes)
    const items = answer && read(answer)
    if (items) return { items, date: answer.date }
    inVain.abort()
    return null
  }

  const [kernels, terminals, metrics] = await Promise.all([
    list('api/kernels', kernelsIn),
    list('api/terminals', terminalsIn),
    ask('metrics', metricsLimitBytes),
  ])
  if (!kernels || !terminals) return null
  return serverLook({ kernels: kernels.items, terminals: terminals.items, date: kernels.date, metrics })
}

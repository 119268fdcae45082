import type { IncomingMessage, ServerResponse } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import { isFileTarget, towardsNginx } from '../domain/gateway/offload.ts'
import { hasBody } from '../lib/has-body.ts'
import type { Admission } from './admit.ts'

export type OffloadUses = {
  /** The program that carries downloads in the place of the gateway; null: none. */
  offload: 'nginx' | null
  /** Addresses and networks of the reverse proxies whose forwarding headers count. */
  trustProxy: readonly string[]
}

/** Leads the reverse proxy to the file that a request asks for; false if the gateway has to carry the answer itself. */
export type Offload = (
  exchange: { request: IncomingMessage; response: ServerResponse },
  admission: Pick<Admission, 'address' | 'target' | 'secret'>,
) => boolean

export function createOffload({ offload, trustProxy }: OffloadUses): Offload {
  if (offload === null) return () => false
  const isTrusted = proxyAddr.compile([...trustProxy])

  /** The address is that of the connection itself: no header of a client has a part in it. */
  function comesFromNginx({ headers, socket }: IncomingMessage): boolean {
    return headers['x-ai-lab-offload'] === offload && isTrusted(socket.remoteAddress ?? '', 0)
  }

  return ({ request, response }, { address, target, secret }) => {
    const isDownload = (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request)
    if (!isDownload || !isFileTarget(target) || !comesFromNginx(request)) return false
    // nginx takes the status from the environment. A proxy that does not know these headers would show this one.
    response.writeHead(502, { ...towardsNginx(address, target, secret), 'content-length': '0' }).end()
    return true
  }
}

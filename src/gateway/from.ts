import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import type { EnvironmentsUrl } from '../domain/gateway/environments-url.ts'
import type { OfCaller } from '../domain/gateway/headers.ts'

type Uses = {
  /** Addresses and networks of the reverse proxies whose forwarding headers count. */
  trustProxy: readonly string[]
  environments: Pick<EnvironmentsUrl, 'idIn' | 'isSecure'>
}

/**
 * The client and the protocol of a request, for the environment's server. The gateway believes only reverse proxies at trusted
 * addresses about either. It takes the protocol of an environment's own host from the pattern.
 */
export function createFrom({ trustProxy, environments }: Uses): (request: IncomingMessage) => OfCaller {
  const isTrusted = proxyAddr.compile([...trustProxy])
  return (request) => {
    const { socket, headers, url } = request
    const saysHttps = headers['x-forwarded-proto'] === 'https' && isTrusted(socket.remoteAddress ?? '', 0)
    const isSecure = saysHttps || (environments.isSecure && environments.idIn(headers.host, url) !== null)
    return { client: proxyAddr(request, isTrusted), host: headers.host ?? '', protocol: isSecure ? 'https' : 'http' }
  }
}

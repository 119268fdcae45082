import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import type { From } from '../domain/gateway/headers.ts'

/** Who asks and how, for the environment's server. Only reverse proxies at trusted addresses are believed about either. */
export function createFrom(trustProxy: readonly string[]): (request: IncomingMessage) => Omit<From, 'secret'> {
  const isTrusted = proxyAddr.compile([...trustProxy])
  return (request) => {
    const { socket, headers } = request
    const saysHttps = headers['x-forwarded-proto'] === 'https' && isTrusted(socket.remoteAddress ?? '', 0)
    return {
      client: proxyAddr(request, isTrusted),
      host: headers.host ?? '',
      protocol: saysHttps ? 'https' : 'http',
    }
  }
}

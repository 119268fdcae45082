import proxyAddr from '@fastify/proxy-addr'
import type { FastifyRequest } from 'fastify'

const toldAtMost = 100

/**
 * The name by which a reverse proxy vouches for a person; null if there is none. Only the address of the connection itself
 * counts: whoever may send the header may also send one that claims another address.
 */
export type TrustedName = (request: FastifyRequest) => string | null

/** `onIgnored` is called once for each address from which the header does not count. */
export function createTrustedName(deps: {
  header: string
  trustProxy: readonly string[]
  onIgnored: (address: string) => void
}): TrustedName {
  const { header, trustProxy, onIgnored } = deps
  const isTrusted = proxyAddr.compile([...trustProxy])
  const told = new Set<string>()
  return ({ raw: { socket, headers } }) => {
    const name = headers[header]
    if (!name) return null
    const address = socket.remoteAddress ?? ''
    if (isTrusted(address, 0)) return String(name)
    if (!told.has(address) && told.size < toldAtMost) {
      told.add(address)
      onIgnored(address)
    }
    return null
  }
}

/** The door to environments: it finds out who asks and for which environment, and passes on what both sides say. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Rights } from '../accounts/rights.ts'
import { Problem, type ProblemCode } from '../domain/problem.ts'
import { createServer } from '../lib/http-client.ts'
import type { Clock } from '../ports/clock.ts'
import { createUnreadableRequests } from '../wire/unreadable-requests.ts'
import { type AdmitUses, createAdmit } from './admit.ts'
import { enter, enterPath } from './enter.ts'
import { forward } from './forward.ts'
import { createFrom } from './from.ts'
import { type Log, refuse, refuseUpgrade } from './refuse.ts'
import { createUnderRights } from './under-rights.ts'
import { upgrade } from './upgrade.ts'
import { createUpstreams } from './upstreams.ts'

export type GatewayUses = AdmitUses & {
  rights: Rights
  clock: Pick<Clock, 'steady' | 'sleep'>
  logger: Log
  onProblem: (code: ProblemCode) => void
  /** Addresses and networks of the reverse proxies whose forwarding headers count. */
  trustProxy: readonly string[]
}

export type Gateway = AsyncDisposable & {
  listen(address: { host: string; port: number }): Promise<AddressInfo>
}

const headersLimitMs = 15_000
const keptMs = 65_000

export function createGateway(uses: GatewayUses): Gateway {
  const { rights, clock, trustProxy } = uses
  const admit = createAdmit(uses)
  const underRight = createUnderRights(rights)
  const from = createFrom(trustProxy)
  const upstreams = createUpstreams({ clock })
  const unreadable = createUnreadableRequests(uses)
  const open = new Set<Duplex>()
  // A body may come in for hours: `forward` ends it when it is silent for too long.
  const server = createServer({ headersTimeout: headersLimitMs, requestTimeout: 0, keepAliveTimeout: keptMs })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = uses.environments.idIn(request.headers.host)
    if (id !== null && request.url?.startsWith(`${enterPath}?`)) await enter(request, id, uses)
    const admission = await admit(request)
    if (response.closed) return
    underRight(admission.caller, response)
    await forward({ request, response }, admission, from(request), await upstreams.of(admission.address))
  }

  async function answerUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new Problem('malformed-request', 'The gateway upgrades to WebSocket only.')
    }
    const admission = await admit(request)
    if (socket.destroyed) return
    underRight(admission.caller, socket)
    await upgrade({ request, socket, head }, admission, from(request))
  }

  server.on('request', (request, response) => {
    unreadable.began(request, response)
    answer(request, response).catch((error: unknown) => refuse({ request, response }, error, uses))
  })
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    answerUpgrade(request, socket, head).catch((error: unknown) => refuseUpgrade({ request, socket }, error, uses))
  })
  server.on('clientError', (error, socket) => unreadable.answer(error, socket as Socket))

  return {
    async listen(address) {
      server.listen(address)
      await once(server, 'listening')
      return server.address() as AddressInfo
    },

    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await upstreams[Symbol.asyncDispose]()
      if (server.listening) await closed
    },
  }
}

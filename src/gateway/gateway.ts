/** The door to environments: it finds out who asks and for which environment, and passes on what both sides say. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Rights } from '../accounts/rights.ts'
import { enterPath } from '../domain/gateway/enter-path.ts'
import type { ProblemCode } from '../domain/problem.ts'
import { createServer } from '../lib/http-client.ts'
import type { Clock } from '../ports/clock.ts'
import { createUnreadableRequests } from '../wire/unreadable-requests.ts'
import type { Activity } from './activity.ts'
import { type AdmitUses, createAdmit } from './admit.ts'
import { asksForWebSocket } from './asks-for-web-socket.ts'
import { awaitAnswers } from './await-answers.ts'
import { createBound } from './bound.ts'
import { enter } from './enter.ts'
import { forward } from './forward.ts'
import { createFrom } from './from.ts'
import { createOrNotReady, notReady } from './not-ready.ts'
import { createOffload, type OffloadUses } from './offload.ts'
import { type Log, refuse, refuseUpgrade } from './refuse.ts'
import { createTurns } from './turns.ts'
import { createUnderRights } from './under-rights.ts'
import { upgrade } from './upgrade.ts'
import { createUpstreams } from './upstreams.ts'

export type GatewayUses = AdmitUses &
  OffloadUses & {
    rights: Rights
    activity: Activity
    clock: Pick<Clock, 'steady'>
    logger: Log
    onProblem: (code: ProblemCode) => void
    /** Rejects when the records cannot be read. */
    ping: () => Promise<void>
  }

export type Gateway = AsyncDisposable & {
  listen(address: { host: string; port: number }): Promise<AddressInfo>
}

/** For load balancers and Docker's health check, on any host but an environment's own. */
const healthPath = '/.ai-lab/health'
const headersLimitMs = 15_000
const keptMs = 65_000

export function createGateway(uses: GatewayUses): Gateway {
  const { rights, activity, clock } = uses
  const admit = createAdmit(uses)
  const underRight = createUnderRights(rights)
  const takePlace = createBound()
  const answered = createTurns()
  const from = createFrom(uses)
  const offload = createOffload(uses)
  const upstreams = createUpstreams({ clock })
  const orNotReady = createOrNotReady(uses)
  const unreadable = createUnreadableRequests(uses)
  const open = new Set<Duplex>()
  // A body may come in for hours: `forward` ends it when it is silent for too long.
  const server = createServer({
    headersTimeout: headersLimitMs,
    requestTimeout: 0,
    keepAliveTimeout: keptMs,
    joinDuplicateHeaders: true, // else of two `Host` the second would not be seen
    shouldUpgradeCallback: asksForWebSocket,
  })
  awaitAnswers(server)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, url } = request
    const id = uses.environments.idIn(headers.host, url)
    if (id === null && url === healthPath) return await answerHealth(response)
    if (id !== null && url?.startsWith(`${enterPath(uses.environments.baseOf(id))}?`)) await enter(request, id, uses)
    const admission = await admit(request)
    if (isCut(request)) return
    activity.began(admission.environment, request.socket, response)
    if (offload({ request, response }, admission)) return
    takePlace(admission, response)
    underRight(admission.caller, response)
    await forward({ request, response }, admission, from(request), await upstreams.of(admission.address))
  }

  /** @throws Problem lab-not-ready if the records cannot be read: the gateway then lets nobody in */
  async function answerHealth(response: ServerResponse): Promise<void> {
    await uses.ping().catch((error: unknown) => {
      throw notReady(error)
    })
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end('{"status":"healthy"}')
  }

  async function answerUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admission = await admit(request)
    if (isCut(request)) return
    takePlace(admission, socket)
    underRight(admission.caller, socket)
    activity.began(admission.environment, request.socket, socket)
    await upgrade({ request, socket, head }, admission, from(request))
  }

  server.on('request', (request, response) => {
    unreadable.began(request, response)
    if (request.socket.destroyed) return
    response.on('finish', () => answered(request.socket))
    answer(request, response)
      .catch((error: unknown) => refuse({ request, response }, orNotReady(error), uses))
      .catch(broken(response))
  })
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    // Its bytes would mix with the answer that is still to come on this connection.
    if (unreadable.isBusy(socket)) unreadable.abandon(socket)
    else {
      answerUpgrade(request, socket, head)
        .catch((error: unknown) => refuseUpgrade({ request, socket }, orNotReady(error), uses))
        .catch(broken(socket))
    }
  })
  server.on('connect', (_, socket) => unreadable.abandon(socket))
  // An expectation may be ignored (RFC 9110, 10.1.1). Node's own 417 would be no problem+json, and `unreadable` would not know of it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('clientError', (error, socket) => unreadable.answer(error, socket as Socket))

  /** Not even a refusal could be sent: this connection ends, and the service goes on. */
  function broken(connection: { destroy(): unknown }): (error: unknown) => void {
    return (error) => {
      uses.logger.error({ err: error }, 'the gateway could not answer')
      connection.destroy()
    }
  }

  return {
    async listen(address) {
      server.listen(address)
      await once(server, 'listening')
      return server.address() as AddressInfo
    },

    async [Symbol.asyncDispose]() {
      activity[Symbol.dispose]()
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await upstreams[Symbol.asyncDispose]()
      await closed
    },
  }
}

/**
 * Cuts a connection whose client has reset it behind the request: it has no remote address any more, and so nobody could be told of
 * whom the request is. `closed` and `destroyed` may come later.
 */
function isCut({ socket }: IncomingMessage): boolean {
  if (socket.remoteAddress !== undefined) return false
  socket.destroy()
  return true
}

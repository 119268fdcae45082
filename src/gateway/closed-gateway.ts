/** Stands in the gateway's place while nobody can know who may open what. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Problem } from '../domain/problem.ts'
import { createServer } from '../lib/http-client.ts'
import { asksForWebSocket } from './asks-for-web-socket.ts'
import type { Gateway } from './gateway.ts'
import { type RefuseUses, refuse, refuseUpgrade } from './refuse.ts'

const lookAgainSeconds = 5

export function createClosedGateway(uses: RefuseUses): Gateway {
  const sockets = new Set<Duplex>()
  const server = createServer({ shouldUpgradeCallback: asksForWebSocket })
  server.on('request', (request, response) => {
    response.shouldKeepAlive = false
    refuse({ request, response }, notReady(), uses)
  })
  server.on('checkExpectation', (request, response) => server.emit('request', request, response)) // as the gateway
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => socket.destroy())
    refuseUpgrade({ request, socket }, notReady(), uses)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    async listen(address) {
      server.listen(address)
      await once(server, 'listening')
      return server.address() as AddressInfo
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function notReady(): Problem {
  const detail = 'The service waits for its files. Running environments go on. The health of the service says more.'
  return new Problem('lab-not-ready', detail, { retryAfterSeconds: lookAgainSeconds })
}

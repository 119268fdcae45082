import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type From, towardsClient, towardsEnvironment } from '../domain/gateway/headers.ts'
import { Problem } from '../domain/problem.ts'
import { request as send } from '../lib/http-client.ts'
import type { Admission } from './admit.ts'
import { splice } from './splice.ts'

const connectLimitMs = 10_000

/**
 * Takes an upgrade to the environment's server, and passes on what that says: its own 101 with the sub-protocol that it
 * chose, or its refusal. After a 101 the gateway passes on bytes and reads none of them.
 *
 * @throws Problem not-answering if no answer has begun
 */
export function upgrade(
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  { target, secret, address }: Omit<Admission, 'caller'>,
  from: Omit<From, 'secret'>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = [...towardsEnvironment(request.rawHeaders, { ...from, secret }), ...ofWebSocket]
  const upstream = send({ ...address, path: target, headers, agent: false })
  const giveUp = () => upstream.destroy()
  socket.once('close', giveUp)
  upstream.setTimeout(connectLimitMs, giveUp)

  upstream.once('upgrade', (answer: IncomingMessage, upstreamSocket: Socket, first: Buffer) => {
    socket.removeListener('close', giveUp)
    upstreamSocket.setTimeout(0)
    socket.write(headOf(answer, ['connection', 'Upgrade', 'upgrade', 'websocket']))
    if (first.length > 0) socket.write(first)
    if (head.length > 0) upstreamSocket.write(head)
    splice(socket, upstreamSocket)
    resolve()
  })
  upstream.once('response', (answer: IncomingMessage) => {
    socket.write(headOf(answer, ['connection', 'close']))
    answer.pipe(socket)
    answer.once('error', () => socket.destroy())
    resolve()
  })
  upstream.once('error', (cause) => {
    reject(new Problem('not-answering', 'The environment did not answer. Ask again in a while.', { cause }))
  })
  upstream.end()
  return promise
}

const ofWebSocket = ['connection', 'Upgrade', 'upgrade', 'websocket']

/** The first lines of an answer. Without `Transfer-Encoding`, its body ends with the connection (RFC 9112, 6.3). */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage, ofConnection: string[]): string {
  const headers = [...towardsClient(rawHeaders), ...ofConnection]
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type OfCaller, phraseOf, towardsClient, towardsEnvironment } from '../domain/gateway/headers.ts'
import { Problem } from '../domain/problem.ts'
import { request as send } from '../lib/http-client.ts'
import type { Admission } from './admit.ts'
import { type Blot, createBlot, isPage } from './blot.ts'
import { splice } from './splice.ts'

const connectLimitMs = 10_000
// Jupyter answers an upgrade once the kernel is ready, for which it waits a minute.
const answerLimitMs = 120_000
const earlyAtMost = 2 ** 16

type Asked = { request: IncomingMessage; socket: Duplex; head: Buffer }

/**
 * Takes an upgrade to the environment's server, and passes on what that says: its own 101 with the sub-protocol that it
 * chose, or its refusal. After a 101 the gateway passes on bytes and reads none of them.
 *
 * @throws Problem not-answering if no answer has begun
 */
export function upgrade(
  { request, socket, head }: Asked,
  { target, secret, secretCookie, address }: Omit<Admission, 'caller' | 'environment'>,
  from: OfCaller,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = [...towardsEnvironment(request.rawHeaders, { ...from, secret, secretCookie }), ...ofWebSocket]
  const upstream = send({ ...address, path: target, headers, agent: false })
  const wait = waitForAnswer(upstream, socket, head)

  upstream.once('upgrade', (answer: IncomingMessage, upstreamSocket: Socket, first: Buffer) => {
    socket.write(headOf(answer, secret, ofWebSocket), 'latin1')
    if (first.length > 0) socket.write(first)
    for (const chunk of wait.end()) upstreamSocket.write(chunk)
    splice(socket, upstreamSocket)
    socket.resume() // it stands still if the client has sent much meanwhile
    resolve()
  })
  upstream.once('response', (answer: IncomingMessage) => {
    wait.end()
    socket.write(headOf(answer, secret, ['connection', 'close']), 'latin1')
    passOn(answer, socket, isPage(answer.headers['content-type']) ? createBlot(secret) : null)
    socket.once('finish', () => socket.destroy())
    socket.once('close', () => upstream.destroy())
    resolve()
  })
  upstream.once('error', (cause) => {
    wait.end()
    reject(new Problem('not-answering', 'The environment did not answer. Ask again in a while.', { cause }))
  })
  upstream.end()
  return promise
}

const ofWebSocket = ['connection', 'Upgrade', 'upgrade', 'websocket']

/**
 * Gives up when the client goes away, or the environment takes too long. `end` ends the wait, and gives what the client has
 * sent meanwhile: only a socket that is read shows its end.
 */
function waitForAnswer(upstream: ClientRequest, socket: Duplex, head: Buffer): { end(): Buffer[] } {
  const early = [head]
  let octets = head.length
  const giveUp = () => upstream.destroy(new Error('The client went away, or the environment took too long.'))
  const keep = (chunk: Buffer) => {
    early.push(chunk)
    octets += chunk.length
    if (octets > earlyAtMost) socket.pause()
  }
  let timer = setTimeout(giveUp, connectLimitMs)
  upstream.once('socket', (connection) =>
    connection.once('connect', () => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, answerLimitMs)
    }),
  )
  socket.on('data', keep).once('end', giveUp).once('close', giveUp)
  return {
    end() {
      clearTimeout(timer)
      socket.off('data', keep).off('end', giveUp).off('close', giveUp)
      return early.filter(({ length }) => length > 0)
    },
  }
}

function passOn(answer: IncomingMessage, socket: Duplex, blot: Blot | null): void {
  answer.on('data', (chunk: Buffer) => {
    if (!socket.write(blot ? blot.pass(chunk) : chunk)) answer.pause()
  })
  socket.on('drain', () => answer.resume())
  answer.once('end', () => socket.end(blot?.rest()))
  answer.once('error', () => socket.destroy())
}

/** The first lines of an answer; each octet is a character. Without `Transfer-Encoding`, its body ends with the connection (RFC 9112, 6.3). */
function headOf(
  { statusCode, statusMessage, rawHeaders }: IncomingMessage,
  secret: string,
  ofConnection: string[],
): string {
  const headers = [...towardsClient(rawHeaders, secret), ...ofConnection]
  const lines = [`HTTP/1.1 ${statusCode} ${phraseOf(statusMessage)}`]
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Peer } from './proxies.ts'
import { quantile } from './statistics.ts'

export type RoundTrips = { perSecond: number; p99Ms: number; messages: number }

const messageOctets = 128

/** Messages that go to the server and back on so many WebSockets at once, each with one message under way. */
export async function roundTrips(
  proxy: Peer,
  { sockets, seconds }: { sockets: number; seconds: number },
): Promise<RoundTrips> {
  const open = await Promise.all(Array.from({ length: sockets }, () => openWebSocket(proxy)))
  const message = Buffer.alloc(messageOctets, 'm')
  const tookMs: number[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  await Promise.all(
    open.map(async (socket) => {
      while (performance.now() < end) {
        const sentAt = performance.now()
        socket.write(message)
        for (let got = 0; got < messageOctets; ) got += ((await once(socket, 'data')) as [Buffer])[0].length
        tookMs.push(performance.now() - sentAt)
      }
    }),
  )
  const passedMs = performance.now() - began
  for (const socket of open) socket.destroy()
  return { perSecond: (tookMs.length / passedMs) * 1000, p99Ms: quantile(tookMs, 0.99), messages: tookMs.length }
}

/** A WebSocket after its handshake. */
export async function openWebSocket({ port, path, headers }: Peer): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const lines = [
    `GET ${path}/ws HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  for (let text = ''; !text.includes('\r\n\r\n'); ) text += String(((await once(socket, 'data')) as [Buffer])[0])
  return socket
}

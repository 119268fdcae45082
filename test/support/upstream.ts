/** A server that stands for the programs of environments: it tells what it was asked, and misbehaves on request. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Upstream = AsyncDisposable & {
  address: { host: string; port: number }
  /** How many connections it has now. */
  connections(): Promise<number>
  /** How many octets of the body of `/slow-taker` it has taken so far, and whether its client went away. */
  taken: { octets: number; isGone: boolean }
  /** The requests for `SMUGGLED`, which nobody may make. */
  smuggled: string[]
}

export async function openUpstream(): Promise<Upstream> {
  const taken = { octets: 0, isGone: false }
  const smuggled: string[] = []
  const server = createServer((request, response) => {
    if (request.url?.includes('SMUGGLED')) smuggled.push(`${request.method} ${request.url}`)
    answer(request, response, taken).catch(() => response.destroy())
  })
  server.on('upgrade', async (request, socket, head) => {
    if (request.url?.includes('hesitating')) await sleep(200)
    answerUpgrade(request, socket as Socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: { host: '127.0.0.1', port },
    taken,
    smuggled,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, taken: Upstream['taken']): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  switch (path.split('/').at(-1)) {
    case 'events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const word of ['one', 'two']) {
        response.write(`data: ${word}\n\n`)
        await sleep(50)
      }
      return
    case 'broken':
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half')
      await sleep(50)
      response.destroy()
      return
    case 'broken-chunks':
      response.write('half')
      await sleep(50)
      response.destroy()
      return
    case 'nothing':
      request.socket.destroy()
      return
    case 'never':
      response.once('close', () => (taken.isGone = true))
      return
    case 'large': {
      response.once('close', () => (taken.isGone = true))
      const chunk = Buffer.alloc(2 ** 16, 'x')
      response.writeHead(200, { 'content-length': String(chunk.length * 1024) })
      for (let sent = 0; sent < 1024; sent += 1) {
        taken.octets += chunk.length
        if (!response.write(chunk)) await once(response, 'drain')
      }
      response.end()
      return
    }
    case 'slow-taker':
      request.once('close', () => (taken.isGone = !request.complete))
      for await (const chunk of request) {
        taken.octets += chunk.length
        await sleep(5)
      }
      response.end('taken')
      return
    case 'cookies':
      response.writeHead(200, [
        ...['set-cookie', 'own=1; Path=/; Domain=localhost'],
        ...['set-cookie', 'ai-lab-session=stolen'],
        ...['x-twice', 'a', 'x-twice', 'b', 'connection', 'x-hop', 'x-hop', '1'],
      ])
      response.end()
      return
    case 'service-worker':
      response.writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' }).end()
      return
    case 'late':
      await sleep(100)
      await tell(request, response)
      return
    default:
      await tell(request, response)
  }
}

/** Answers with what was asked. */
async function tell(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  let octets = 0
  for await (const chunk of request) {
    hash.update(chunk)
    octets += chunk.length
  }
  const { method, url, rawHeaders, headers } = request
  const body = JSON.stringify({ method, url, headers, rawHeaders, octets, sha256: hash.digest('hex') })
  response.writeHead(Number(headers['x-status'] ?? 200), { 'content-type': 'application/json' }).end(body)
}

function answerUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
  socket.on('error', () => socket.destroy())
  if (request.url?.includes('refused')) {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    return
  }
  const protocol = String(request.headers['sec-websocket-protocol'] ?? '')
    .split(', ')
    .at(-1)
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-protocol: ${protocol}\r\nx-authorization: ${request.headers.authorization}\r\n\r\n`,
  )
  if (head.length > 0) socket.write(head)
  if (request.url?.includes('ending')) socket.end('bye')
  else socket.pipe(socket)
}

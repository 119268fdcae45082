/** A server that stands for the programs of environments: it tells what it was asked, and misbehaves on request. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export type Upstream = AsyncDisposable & {
  address: { host: string; port: number }
  /** How many connections it has now. */
  connections(): Promise<number>
  /** How many requests and upgraded connections are under way. */
  underWay(): number
  /** How many octets of a body it has taken or given so far, and whether its client went away; `sendNext` sends the second event of `one-by-one`. */
  taken: { octets: number; isGone: boolean; sendNext: () => void }
  /** The requests for `SMUGGLED`, which nobody may make. */
  smuggled: string[]
  /** All clients that it was told of so far. */
  clients: Set<string>
}

export async function openUpstream(): Promise<Upstream> {
  const taken = { octets: 0, isGone: false, sendNext: () => {} }
  const smuggled: string[] = []
  const clients = new Set<string>()
  const open = new Set<ServerResponse | Duplex>()
  const follow = (each: ServerResponse | Duplex) => open.add(each) && each.once('close', () => open.delete(each))
  const server = createServer((request, response) => {
    follow(response)
    if (request.url?.includes('SMUGGLED')) smuggled.push(`${request.method} ${request.url}`)
    clients.add(String(request.headers['x-forwarded-for']))
    answer(request, response, taken).catch(() => response.destroy())
  })
  server.on('upgrade', async (request, socket, head) => {
    follow(socket)
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
    clients,
    underWay: () => open.size,
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
      response.once('close', () => (taken.isGone = true))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const word of ['one', 'two']) {
        response.write(`data: ${word}\n\n`)
        await sleep(50)
      }
      return
    case 'one-by-one':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n')
      taken.sendNext = () => response.write('data: two\n\n')
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
    case 'octets':
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': String(octetsAsked(request)),
      })
      response.end(allOctets(octetsAsked(request)))
      return
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
      await tell(request, response, taken)
      return
    case 'trickle':
      response.once('close', () => (taken.isGone = true))
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('a first word')
      return
    case 'file.bin':
      giveFile(request, response)
      return
    case 'missing.bin': // as Jupyter, which writes its own secret into the pages of errors
      response.writeHead(404, { 'content-type': 'text/html' }).end(`no: ${request.headers.authorization}`)
      return
    case 'tunnel.bin': // changes the protocol though nobody asked it to
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: Upgrade\r\n\r\n')
      request.socket.on('data', (chunk) => request.socket.write(chunk))
      return
    case 'raw.bin': // what the query says, octet by octet
      request.socket.write(decodeURIComponent((request.url ?? '').split('?')[1] ?? ''))
      setTimeout(() => request.socket.destroy(), 50)
      return
    case 'hostile.bin':
      response.writeHead(200, [
        ...['x-accel-redirect', '@ai_lab_offload', 'x-accel-expires', '3600', 'x-accel-limit-rate', '1'],
        ...[
          'x-ai-lab-address',
          String(request.headers['user-agent']),
          'x-ai-lab-target',
          '/',
          'x-ai-lab-authorization',
          'x',
        ],
        ...[
          'set-cookie',
          '__Host-ai-lab-visit=tossed; Path=/; Secure',
          'clear-site-data',
          '"*"',
          'service-worker-allowed',
          '/',
        ],
        ...['alt-svc', 'h2="evil.example:443"', 'strict-transport-security', 'max-age=0'],
      ])
      response.end('hostile')
      return
    default:
      await tell(request, response, taken)
  }
}

/** Answers with what was asked. */
async function tell(request: IncomingMessage, response: ServerResponse, taken: Upstream['taken']): Promise<void> {
  const hash = createHash('sha256')
  let octets = 0
  for await (const chunk of request) {
    hash.update(chunk)
    octets += chunk.length
    taken.octets += chunk.length
  }
  const { method, url, rawHeaders, headers } = request
  const body = JSON.stringify({ method, url, headers, rawHeaders, octets, sha256: hash.digest('hex') })
  response.writeHead(Number(headers['x-status'] ?? 200), { 'content-type': 'application/json' }).end(body)
}

/** A file of all octets in turn, or a part of it, as Jupyter gives files. */
export const file = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))

function giveFile(request: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  const part = first === undefined ? file : file.subarray(Number(first), Number(last) + 1)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': part.length, etag: '"one"' }
  const range = first === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${file.length}` }
  response.writeHead(first === undefined ? 200 : 206, { ...headers, ...range }).end(part)
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
  else if (request.url?.includes('lingering'))
    socket.resume().once('end', () => setTimeout(() => socket.end('bye'), 1_500))
  else socket.pipe(socket)
}

/** So many octets, of all values in turn. */
export function allOctets(count: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: count }, (_, at) => at % 256))
}

function octetsAsked({ url }: IncomingMessage): number {
  return Number(url?.split('?')[1])
}

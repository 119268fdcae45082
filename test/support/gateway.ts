import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type Client, type Lab, openLab } from './lab.ts'
import { openUpstream, type Upstream } from './upstream.ts'

/** A lab with one running environment, the program in it, and the gateway that leads there. */
export type GatewayLab = AsyncDisposable & {
  lab: Lab
  upstream: Upstream
  port: number
  id: string
  /** Its owner. */
  owner: { client: Client; token: string }
  /** Sends a request through the gateway, with the owner's token unless told otherwise. */
  ask(path: string, options?: AskOptions): Promise<Answer>
}

export type AskOptions = {
  method?: string
  token?: string | null
  headers?: Record<string, string>
  body?: Buffer | string
  /** Without one, each request has a connection of its own. */
  agent?: Agent
}
export type Answer = { status: number; headers: IncomingMessage['headers']; rawHeaders: string[]; body: string }

export async function openGatewayLab(options: Parameters<typeof openLab>[0] = {}): Promise<GatewayLab> {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await openUpstream())
  const lab = stack.use(await openLab({ addressOf: () => upstream.address, ...options }))
  const owner = await lab.newUser('owner@lab')
  const { body } = await owner.client
    .post('/api/environments', { template: 'jupyterlab' })
    .set('prefer', 'wait=10')
    .expect(202)
  const { port } = await lab.service.gateway.listen({ host: '127.0.0.1', port: 0 })
  const rest = stack.move()
  return {
    lab,
    upstream,
    port,
    id: body.id,
    owner,
    ask: (path, options) => ask(port, path, { token: owner.token, ...options }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** Sends one request to a gateway. */
export async function ask(
  port: number,
  path: string,
  { method, token, headers, body, agent }: AskOptions,
): Promise<Answer> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path,
    agent: agent ?? false,
    method: method ?? 'GET',
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    rawHeaders: answer.rawHeaders,
    body: Buffer.concat(chunks).toString(),
  }
}

/** A socket to the gateway, with all that it has received as text. */
export async function openSocket(port: number, first: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  socket.setEncoding('utf8').on('data', (part) => (text += part))
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(first)
  return { socket, received: () => text }
}

/** The request of an upgrade to WebSocket. */
export function upgradeRequest(path: string, token: string | null, more: readonly string[] = []): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(token === null ? [] : [`Authorization: token ${token}`]),
    ...more,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

// What hostile programs and clients make of the gateway.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../support/lab.ts'

let lab: Lab
let port: number
let id: string
let token: string
let secret: string
let asked = ''
const errors: object[] = []
const answers: Record<string, (socket: Socket) => void> = {}
const upgradeHeaders = 'connection: Upgrade\r\nupgrade: websocket\r\n'

const program = createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', (data) => {
    asked = data.toString()
    const name = /^\S+ \S*\/(\w+)[? ]/.exec(asked)?.[1] ?? ''
    const answer = answers[name] ?? ((to) => to.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    answer(socket)
  })
})

beforeAll(async () => {
  program.listen(0, '127.0.0.1')
  await once(program, 'listening')
  const { port: at } = program.address() as AddressInfo
  lab = await openLab({
    addressOf: () => ({ host: '127.0.0.1', port: at }),
    logLevel: 'error',
    log: (line) => errors.push(line),
  })
  const owner = await lab.newUser('owner@lab')
  token = owner.token
  const { body } = await owner.client
    .post('/api/environments', { template: 'jupyterlab' })
    .set('prefer', 'wait=10')
    .expect(202)
  id = body.id
  secret = (await lab.recordedSecret(id)) ?? ''
  port = (await lab.service.gateway.listen({ host: '127.0.0.1', port: 0 })).port
})
afterAll(async () => {
  program.close()
  await lab[Symbol.asyncDispose]()
})

/** What the gateway says within that time. */
async function said(bytes: string, ms = 500): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (part) => (text += part))
  socket.on('error', () => {})
  socket.write(bytes)
  await Promise.race([once(socket, 'close'), sleep(ms)])
  socket.destroy()
  return text
}
const get = (name: string, more = '', method = 'GET') =>
  `${method} /env/${id}/${name} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${more}\r\n`

test('a reason phrase beyond Latin-1 is answered, and ends nothing', async () => {
  answers.reason = (socket) => socket.write('HTTP/1.1 200 日本\r\ncontent-length: 2\r\n\r\nok')
  expect(await said(get('reason'))).toMatch(/^HTTP\/1\.1 (200|502|503) /)
})

test('the secret is overwritten in a page that answers a refused upgrade', async () => {
  answers.page = (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${secret.length}\r\n\r\n${secret}`)
  expect(await said(get('page', upgradeHeaders))).not.toContain(secret)
})

test.each(['Text/HTML', 'application/xhtml+xml'])('the secret is overwritten in a page of type %s', async (type) => {
  answers.typed = (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${secret.length}\r\n\r\n${secret}`)
  expect(await said(get('typed'))).not.toContain(secret)
})

test('the secret is not in a redirect', async () => {
  answers.moved = (socket) =>
    socket.write(`HTTP/1.1 302 Found\r\nlocation: /lab?token=${secret}\r\ncontent-length: 0\r\n\r\n`)
  expect(await said(get('moved'))).not.toContain(secret)
})

test('a page that may come compressed is not asked for in a compression', async () => {
  await said(get('any', 'accept: */*\r\naccept-encoding: gzip\r\nconnection: close\r\n'))
  expect(asked).toContain('/any')
  expect(asked).not.toMatch(/accept-encoding/)
})

test('a container sets no cookie without a name, which browsers send as one of the platform', async () => {
  answers.nameless = (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nset-cookie: =ai-lab-visit=evil\r\ncontent-length: 2\r\n\r\nok')
  expect(await said(get('nameless'))).not.toContain('ai-lab-visit')
})

test('an upgrade of a visitor without a cookie is refused as what it is', async () => {
  const host = `${id}.localhost:5556`
  const bytes = `GET / HTTP/1.1\r\nhost: ${host}\r\norigin: http://${host}\r\naccept: text/html\r\n${upgradeHeaders}\r\n`
  expect(await said(bytes)).toMatch(/^HTTP\/1\.1 401 /)
})

test('the answer to an earlier request does not get into a WebSocket', async () => {
  answers.late = (socket) =>
    void setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nLATE'), 200)
  answers.socket = (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nHELLO')
  expect(await said(get('late') + get('socket', upgradeHeaders))).not.toMatch(/HELLO[\s\S]*LATE/)
})

test('many uploads on one connection leave no listeners behind', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  const upload = get('any', 'content-length: 1\r\n', 'POST')
  const socket = connect(port, '127.0.0.1')
  for (let sent = 0; sent < 15; sent += 1) {
    socket.write(`${upload}a`)
    await once(socket, 'data')
  }
  socket.destroy()
  process.off('warning', warned)
  expect(warnings).toEqual([])
})

test.each(['x\r\nhost: y', 'x, y', 'a b', 'x"', '\u00e9', '[::1', 'user@x'])(
  'a request for the host %j reaches no environment',
  async (host) => {
    asked = ''
    expect(await said(get('any').replace('host: x', `host: ${host}`))).toMatch(/^HTTP\/1\.1 400 /)
    expect(asked).toBe('')
  },
)

test.each(['x:80', '127.0.0.1:5556', '[::1]:5556', 'under_score.local', ''])(
  'a request for the host %j reaches the environment',
  async (host) => {
    expect(await said(get('any').replace('host: x', `host: ${host}`))).toMatch(/^HTTP\/1\.1 200 /)
  },
)

test('an idle connection ends as any other, also after an answer that came before the end of the body', async () => {
  answers.early = (socket) => socket.write('HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n')
  const received = new Promise<[IncomingMessage, Socket]>((resolve) => {
    const began = (message: unknown) => {
      unsubscribe('http.server.request.start', began)
      const { request } = message as { request: IncomingMessage }
      resolve([request, request.socket])
    }
    subscribe('http.server.request.start', began)
  })
  const client = connect(port, '127.0.0.1').on('error', () => {})
  client.write(`${get('early', 'content-length: 4\r\n', 'POST')}a`)
  await once(client, 'data')
  const [request, socket] = await received
  client.write('bcd')
  await expect.poll(() => request.closed).toBe(true)
  expect(socket.timeout).toBeGreaterThan(0)
  client.destroy()
})

test('a request whose connection is cut while the gateway looks up the sender is no failure of the gateway', async () => {
  errors.length = 0
  await said(`${get('any')}NO HTTP\r\n\r\n`)
  expect(errors).toEqual([])
})

// Trouble (worst): a client resets its connection right behind its request
test.each(['', upgradeHeaders])('a request whose client is gone is no failure of the gateway (%j)', async (more) => {
  errors.length = 0
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(get('any', more))
    socket.resetAndDestroy()
  }
  expect(await said(get('any'), 200)).toMatch(/^HTTP\/1\.1 200 /)
  expect(errors).toEqual([])
})

test('the head of an answer to an upgrade keeps its octets, and no control character gets into its first line', async () => {
  answers.octets = (socket) =>
    socket.write(
      Buffer.from(
        'HTTP/1.1 101 Sw\x01itch\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-name: \xfc\r\n\r\n',
        'latin1',
      ),
    )
  const head = await said(get('octets', upgradeHeaders))
  expect(head).toMatch(/^HTTP\/1\.1 101 \r\n/)
  expect(head).toContain('x-name: \xfc\r\n')
})

test('an offer of HTTP/2 does not hinder a request', async () => {
  const offer = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n'
  expect(await said(get('any', offer))).toMatch(/^HTTP\/1\.1 200 /)
})

test('a visitor who enters in two tabs at one instant is in with either cookie', async () => {
  const admin = lab.as(lab.adminToken)
  const password = 'a long enough password'
  await admin.put('/api/users/owner@lab/password', { password }).expect(204)
  const { headers } = await lab.as().post('/api/session', { user_id: 'owner@lab', password }).expect(200)
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const page = {
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    accept: 'text/html',
  }
  const lines = Object.entries(page)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const host = `${id}.localhost:5556`
  const enter = async () => {
    const opened = await lab
      .as({ ...page, cookie })
      .get(`/open/${id}`)
      .expect(303)
    const { pathname, search } = new URL(opened.headers.location ?? '')
    const text = await said(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${lines}connection: close\r\n\r\n`)
    return /set-cookie: ([^;]*)/.exec(text)?.[1]
  }
  const visits = await Promise.all([enter(), enter()])
  const own = 'sec-fetch-site: same-origin\r\nsec-fetch-mode: cors\r\nconnection: close\r\n'
  const ask = async (visit: string | undefined) =>
    (await said(`GET /env/${id}/any HTTP/1.1\r\nhost: ${host}\r\ncookie: ${visit}\r\n${own}\r\n`)).split('\r\n')[0]
  expect(await Promise.all(visits.map(ask))).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'])
})

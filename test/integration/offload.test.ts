// Offload: the gateway decides about each download, and real nginx, with the file of deploy/ as it is, carries it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayLab, openGatewayLab } from '../support/gateway.ts'
import { type RawAnswer, rawAnswer } from '../support/raw-http.ts'
import {
  type AnswerOfOctets,
  behindProxy,
  gatewayHost,
  nginx,
  type ReverseProxy,
  startReverseProxy,
} from '../support/reverse-proxy.ts'
import { type Browser, cookieOf, givePassword, newPerson, ownPage, signIn } from '../support/sign-in.ts'
import { file } from '../support/upstream.ts'

const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const stack = new AsyncDisposableStack()
let open: GatewayLab
let proxy: ReverseProxy
let host: string
let files: string
let visit: string
/** The environment's own secret, which no client may see. */
let secret: string
/** A server to which only nginx could lead somebody. */
let inner: { address: string; asked: number }

beforeAll(async () => {
  open = stack.use(await openGatewayLab({ env: { ...behindProxy, OFFLOAD: 'nginx' } }))
  await open.lab.service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port: service } = open.lab.service.app.server.address() as AddressInfo
  proxy = stack.use(await startReverseProxy(nginx, { service, gateway: open.port }))
  host = `${open.id}.${gatewayHost}`
  files = `/env/${open.id}/files`
  secret = JSON.parse((await open.ask(`/env/${open.id}/x`)).body).headers.authorization.split(' ')[1]
  await givePassword(open.lab, open.owner.token, 'owner@lab')
  visit = await enter(await signIn(open.lab, 'owner@lab'))
  const server = createServer((_, response) => {
    inner.asked += 1
    response.end('inner')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stack.defer(() => void server.close())
  inner = { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: 0 }
})
afterAll(() => stack[Symbol.asyncDispose]())

/** The cookie of a visit, or what the platform says in its place. */
async function enter({ cookie }: Pick<Browser, 'cookie'>): Promise<string> {
  const opened = await open.lab
    .as()
    .get(`/open/${open.id}`)
    .set({ ...page, cookie })
  const { pathname, search } = new URL(opened.headers.location ?? '')
  return cookieOf((await proxy.ask(host, pathname + search, { headers: page })).headers)
}

/** Asks the gateway itself for a file. */
function askGateway(from: string, headers: Record<string, string>): Promise<RawAnswer> {
  const told = Object.entries({ host: 'x', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return rawAnswer(open.port, `GET ${files}/x HTTP/1.1\r\n${told.join('\r\n')}\r\n\r\n`, from)
}

type Options = Parameters<ReverseProxy['ask']>[2]

/** Asks as the owner's browser. No answer may hold the secret. */
async function ask(path: string, options: Options = {}, at = host): Promise<AnswerOfOctets> {
  const answer = await proxy.askHttp2(at, path, {
    ...options,
    headers: { ...ownPage, cookie: visit, ...options?.headers },
  })
  expect(answer.rawHeaders.join('\n')).not.toContain(secret)
  expect(answer.rawHeaders.join('\n')).not.toMatch(/x-accel/i)
  return answer
}

/** Whether nginx itself asked the environment: the gateway says more about the client. */
function isFromNginx(told: string): boolean {
  return JSON.parse(told).headers.forwarded === undefined
}

test('a file arrives byte for byte, whole, in part, and not at all where only its headers are asked for', async () => {
  const whole = await ask(`${files}/file.bin`)
  expect([whole.status, whole.octets.equals(file), whole.headers.etag]).toEqual([200, true, '"one"'])
  const part = await ask(`${files}/file.bin`, { headers: { range: 'bytes=250000-299999' } })
  expect([part.status, part.headers['content-range'], part.octets.equals(file.subarray(250_000))]).toEqual([
    206,
    'bytes 250000-299999/300000',
    true,
  ])
  const head = await ask(`${files}/file.bin`, { method: 'HEAD' })
  expect([head.status, head.headers['content-length'], head.octets.length]).toEqual([200, '300000', 0])
})

test('nginx asks the environment, with its secret, the true client, and nothing of the credentials', async () => {
  const { body } = await ask(`${files}/a%20b.json?x=%2F&download=1`, {
    from: '127.0.0.7',
    headers: { 'x-forwarded-for': '6.6.6.6', range: 'bytes=0-', 'x-mine': '1' },
  })
  const { url, method, headers } = JSON.parse(body)
  expect([method, url]).toEqual(['GET', `${files}/a%20b.json?x=%2F&download=1`])
  expect(headers).toEqual({
    host,
    authorization: `token ${secret}`,
    'x-forwarded-for': '127.0.0.7',
    'x-forwarded-host': host,
    'x-forwarded-proto': 'https',
    range: 'bytes=0-',
  })
})

test('a program downloads with its token, in a header or in the address', async () => {
  const { token } = open.owner
  const withHeader = await proxy.askHttp2(gatewayHost, `${files}/x?a=1`, { token })
  const withQuery = await proxy.askHttp2(gatewayHost, `${files}/x?a=1&token=${token}`)
  for (const { status, body } of [withHeader, withQuery]) {
    expect([status, JSON.parse(body).url, isFromNginx(body)]).toEqual([200, `${files}/x?a=1`, true])
    expect(body).not.toContain(token)
  }
})

test('everything but files goes through the gateway as before', async () => {
  for (const [method, path] of [
    ['GET', `/env/${open.id}/api/contents/files/x`],
    ['GET', `/env/${open.id}/lab`],
    ['GET', files],
    ['GET', `${files}/`],
    ['PUT', `${files}/x`],
    ['GET', '/files/x'],
  ] as const) {
    const { status, body } = await ask(path, { method })
    expect([path, status, isFromNginx(body)]).toEqual([path, 200, false])
  }
})

// Trouble (authority): a proxy carries a download for somebody who may not have it
test('the gateway decides about each download: a stranger, another person and an ended session get nothing', async () => {
  const path = `${files}/file.bin`
  expect((await ask(path, { headers: { cookie: '' } })).status).toBe(401)
  expect((await ask(path, { headers: { cookie: '__Host-ai-lab-visit=wrong' } })).status).toBe(401)
  expect((await proxy.askHttp2(gatewayHost, path, { token: 'ailab_wrong' })).status).toBe(401)
  const other = await newPerson(open.lab, 'other@lab')
  expect((await proxy.askHttp2(gatewayHost, path, { token: other.token })).status).toBe(404)
  const fromElsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
  expect((await ask(path, { headers: fromElsewhere })).status).toBe(403)

  const session = await signIn(open.lab, 'owner@lab')
  const cookie = await enter(session)
  expect((await ask(path, { headers: { cookie } })).status).toBe(200)
  await open.lab
    .as({ ...ownPage, cookie: session.cookie })
    .delete('/api/session')
    .expect(204)
  expect((await ask(path, { headers: { cookie } })).status).toBe(401)
})

test.each(['/@ai_lab_offload', '/%40ai_lab_offload', '//@ai_lab_offload', '/files/..;/@ai_lab_offload'])(
  'a client that asks for %s gets only what the environment has there',
  async (path) => {
    const headers = {
      'x-ai-lab-offload': 'nginx',
      'x-ai-lab-address': inner.address,
      'x-ai-lab-target': '/',
      'x-ai-lab-authorization': 'x',
      'x-accel-redirect': '@ai_lab_offload',
    }
    const { status, body } = await ask(path, { headers })
    expect([status, isFromNginx(body)]).toEqual([200, false])
    expect((await ask(`${files}/file.bin`, { headers })).octets.equals(file)).toBe(true)
    expect((await ask(path, { headers: { ...headers, cookie: '' } })).status).toBe(401)
    expect(inner.asked).toBe(0)
  },
)

// Trouble (authority): a program in an environment leads the lab's own nginx to a server that only this machine reaches
test.each([
  ['carried by the gateway', () => `/env/${open.id}/hostile.bin`],
  ['carried by nginx', () => `${files}/hostile.bin`],
])('an answer of an environment, %s, steers neither nginx nor the browser', async (_, path) => {
  const { status, body, headers } = await ask(path(), { headers: { 'user-agent': inner.address } })
  expect([status, body, inner.asked]).toEqual([200, 'hostile', 0])
  expect(headers['set-cookie'] ?? []).toEqual([])
  expect(headers['clear-site-data']).toBeUndefined()
  expect(headers['alt-svc']).toBeUndefined()
  expect(headers['strict-transport-security']).toMatch(/^max-age=63072000/)
})

// Trouble (authority): one origin serves all environments, and the script of one of them asks for the requests of all
test('a script that nginx carries widens the scope of no service worker', async () => {
  const { status, headers } = await ask(`${files}/hostile.bin`, { headers: { 'user-agent': inner.address } })
  expect(status).toBe(200)
  expect(headers['service-worker-allowed']).toBeUndefined()
})

// Trouble (authority): a connection that nobody cuts stays open after its person was disabled
test.each([
  ['HEAD', 'websocket'],
  ['GET', 'h2c'],
])('an environment makes no tunnel through nginx of a %s with an offer of %s', async (method, protocol) => {
  const asked = [`${method} ${files}/tunnel.bin HTTP/1.1`, `Host: ${host}`, `Cookie: ${visit}`]
  const offer = ['Sec-Fetch-Site: same-origin', 'Connection: Upgrade', `Upgrade: ${protocol}`]
  const { socket, received } = await proxy.open(host, `${[...asked, ...offer].join('\r\n')}\r\n\r\n`)
  while (!received().includes('\r\n\r\n')) await once(socket, 'data', { signal: AbortSignal.timeout(3_000) })
  expect(received()).not.toMatch(/^HTTP\/1\.1 101 /)
  socket.destroy()
})

const tossing = 'HTTP/1.1 200 OK\r\nSet-Cookie: tossed=1; Domain=lab.example.org\r\nContent-Length: 4\r\n\r\nevil'

// Trouble (authority): a program in an environment writes an answer within an answer, and sets cookies for the whole lab
test.each([
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 X\r\n\r\n',
  'HTTP/1.1 099 X\r\n\r\n',
  'HTTP/1.1 204 X\r\n\r\n',
  'garbage\r\n\r\n',
])('an environment that begins its answer with %j sets no cookie for the lab', async (first) => {
  const path = `${files}/raw.bin?${encodeURIComponent(first + tossing)}`
  const answer = await ask(path, { signal: AbortSignal.timeout(1_000) }).catch(() => null) // HTTP/2 knows no such answers
  expect(answer?.rawHeaders.join() ?? '').not.toMatch(/Domain=/)
  const raw = [`GET ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin']
  const { socket, received } = await proxy.open(host, `${[...raw, 'Connection: close'].join('\r\n')}\r\n\r\n`)
  await once(socket, 'end')
  expect(received()).toMatch(/^HTTP\/1\.1 (200|204|503) /)
  expect(received()).not.toMatch(/Domain=/)
})

// Trouble (authority): the page of an error shows the environment's secret to a browser
test('the page of an error comes through the gateway, without the secret', async () => {
  const { status, body } = await ask(`${files}/missing.bin`)
  expect([status, body]).toEqual([404, `no: token ${'x'.repeat(secret.length)}`])
})

test('an environment that does not answer is told of by the gateway', async () => {
  const { status, headers, body } = await ask(`${files}/nothing`)
  expect([status, headers['retry-after'], JSON.parse(body).type]).toEqual([503, '5', '/problems/not-answering'])
})

test.each([
  '/../api/kernels',
  '/%2e%2e/api/kernels',
  '/.%2E/lab',
  '/a/../../lab',
  '/%2e%2e%2flab',
  '/..%5clab',
  '//lab',
  '/a%00.bin',
  '/..',
])('the path %s goes to the environment unchanged, through the gateway, or nowhere', async (tail) => {
  const { status, body } = await ask(`${files}${tail}`)
  if (status === 400) return // nginx itself refuses a path that leads above all
  expect([status, JSON.parse(body).url, isFromNginx(body)]).toEqual([200, `${files}${tail}`, false])
})

test.each([
  ['in upper case', () => ({ ':authority': host.toUpperCase() }), 200],
  ['with a dot at its end', () => ({ ':authority': `${host}.` }), 401],
  ['beside another one', () => ({ host: `other.${gatewayHost}` }), 400],
  ['of another environment', () => ({ ':authority': `other.${gatewayHost}` }), 401],
])('a host %s leads to the right environment or to none', async (_, headers, status) => {
  expect((await ask(`${files}/x`, { headers: headers() })).status).toBe(status)
})

// Trouble (authority): a client asks the gateway itself as if it were the proxy, and gets the environment's secret
test('the gateway leads nobody but the listed proxy to a file, whatever the headers say', async () => {
  const headers = { authorization: `Bearer ${open.owner.token}`, 'x-ai-lab-offload': 'nginx' }
  const request = (from: string) => askGateway(from, { ...headers, 'x-forwarded-for': '127.0.0.1' })
  const listed = await request('127.0.0.1')
  // A proxy that does not follow shows an error, and not an empty file.
  expect([listed.status, listed.headers.get('x-ai-lab-authorization')]).toEqual([502, `token ${secret}`])
  const other = await request('127.0.0.9')
  expect([other.status, other.body]).toEqual([200, expect.stringContaining('"forwarded":"for=')])
  expect(String([...other.headers])).not.toContain(secret)
})

test('without the setting, or the header of nginx, the gateway carries downloads itself', async () => {
  const token = { authorization: `Bearer ${open.owner.token}` }
  expect((await askGateway('127.0.0.1', token)).status).toBe(200)
  await using plain = await openGatewayLab({ env: behindProxy })
  const headers = { 'x-ai-lab-offload': 'nginx' }
  const { status, body } = await plain.ask(`/env/${plain.id}/files/x`, { headers })
  expect([status, isFromNginx(body)]).toEqual([200, false])
})

// The configurations of deploy/ as they are: real nginx and Caddy with TLS, in front of the service and the gateway.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayLab, openGatewayLab } from '../support/gateway.ts'
import { rawAnswer } from '../support/raw-http.ts'
import {
  type AnswerOfOctets,
  behindProxy,
  caddy,
  gatewayHost,
  nginx,
  platform,
  type ReverseProxy,
  startReverseProxy,
} from '../support/reverse-proxy.ts'
import { cookieOf, givePassword, password } from '../support/sign-in.ts'
import { file } from '../support/upstream.ts'

const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const lies = {
  'x-forwarded-for': '6.6.6.6',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  forwarded: 'for=6.6.6.6;proto=http',
  'x-real-ip': '6.6.6.6',
}
const mebibyte = 2 ** 20
const limits = { headersMs: 10_000, uploadMebibytes: 200, memoryMebibytes: 150 }

/** Waits until something holds; fails after three seconds. */
async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(3_000)
  while (!holds()) {
    limit.throwIfAborted()
    await sleep(5)
  }
}

function lines(...all: string[]): string {
  return `${all.join('\r\n')}\r\n\r\n`
}

/** A server that keeps what it was asked, in the place of the service and of the gateway. */
async function openRecorder() {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    requests,
    ports: { service: port, gateway: port },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe.each([
  ['nginx', nginx],
  ['Caddy', caddy],
])('behind %s:', (_, program) => {
  let open: GatewayLab
  let proxy: ReverseProxy
  let host: string
  let session: string
  let visit: string
  let slowClosedAfterMs: Promise<number>

  beforeAll(async () => {
    open = await openGatewayLab({ env: behindProxy })
    await open.lab.service.app.listen({ host: '127.0.0.1', port: 0 })
    const { port: service } = open.lab.service.app.server.address() as { port: number }
    proxy = await startReverseProxy(program, { service, gateway: open.port })
    host = `${open.id}.${gatewayHost}`
    await givePassword(open.lab, open.owner.token, 'owner@lab')
    session = cookieOf((await signIn()).headers)
    visit = await enter(session)
    // The test of slow clients is over by the time that the others are.
    const { socket } = await proxy.open(host, `GET / HTTP/1.1\r\nHost: ${host}\r\n`)
    socket.on('end', () => socket.destroy())
    const began = performance.now()
    slowClosedAfterMs = once(socket, 'close').then(() => performance.now() - began)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await open[Symbol.asyncDispose]()
  })

  function signIn(options: { from?: string; headers?: Record<string, string> } = {}): Promise<AnswerOfOctets> {
    const form = { ...options.headers, ...ownPage, 'content-type': 'application/x-www-form-urlencoded' }
    const body = `${new URLSearchParams({ user_id: 'owner@lab', password })}`
    return proxy.ask(platform, '/sign-in', { ...options, method: 'POST', headers: form, body })
  }

  /** The cookie of a visit: from the platform to the environment's own origin. */
  async function enter(cookie: string): Promise<string> {
    const opened = await proxy.ask(platform, `/open/${open.id}`, { headers: { ...page, cookie } })
    const { host: at, pathname, search, protocol } = new URL(opened.headers.location ?? '')
    expect([protocol, at]).toEqual(['https:', host])
    return cookieOf((await proxy.ask(at, pathname + search, { headers: page })).headers)
  }

  const asVisitor = (path: string, options: Parameters<ReverseProxy['ask']>[2] = {}) =>
    proxy.ask(host, path, { ...options, headers: { ...ownPage, cookie: visit, ...options.headers } })

  const upgrade = (cookie: string, origin = `https://${host}`) =>
    proxy.open(
      host,
      lines(
        'GET /ws HTTP/1.1',
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        `Origin: ${origin}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ),
    )

  test('plain http leads to https, for each of the names', async () => {
    for (const at of [platform, gatewayHost, host]) {
      const { status, headers } = await rawAnswer(
        proxy.httpPort,
        lines('GET /a?b=1 HTTP/1.1', `Host: ${at}`, 'Connection: close'),
      )
      expect([status, headers.get('location')]).toEqual([308, `https://${at}/a?b=1`])
    }
  })

  test('the sign-in page sets a cookie that only this host gets back, and only over TLS', async () => {
    const form = await proxy.ask(platform, '/sign-in', { headers: page })
    expect([form.status, form.headers['strict-transport-security']]).toEqual([
      200,
      expect.stringMatching(/^max-age=\d{8}/),
    ])
    const { status, headers } = await signIn()
    expect(status).toBe(200)
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-ai-lab-session=\S+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ])
  })

  test('the platform hands a person over to the origin of an environment', async () => {
    expect(visit).toMatch(/^__Host-ai-lab-visit=/)
    const { status, headers, body } = await asVisitor('/api/x')
    expect([status, JSON.parse(body).headers.host]).toEqual([200, host])
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/)
    expect((await proxy.ask(host, '/api/x', { headers: ownPage })).status).toBe(401)
  })

  test('a program reaches the path form with its token', async () => {
    const path = `/env/${open.id}/api/contents/a%20b%2Fc?x=%2F`
    const { status, body } = await proxy.ask(gatewayHost, path, { token: open.owner.token })
    expect([status, JSON.parse(body).url]).toEqual([200, path])
  })

  // Trouble (authority): a client behind a reverse proxy says that it is somebody else
  test("the environment and the platform learn the client's true address, whatever the client says", async () => {
    const from = '127.0.0.7'
    const { body } = await asVisitor('/api/x', { from, headers: lies })
    const told = JSON.parse(body).headers
    expect(told).toMatchObject({ 'x-forwarded-for': from, 'x-forwarded-host': host, 'x-forwarded-proto': 'https' })
    expect(told.forwarded).toBe(`for="${from}";proto=https`)
    expect(body).not.toContain('6.6.6.6')
    const cookie = cookieOf((await signIn({ from, headers: lies })).headers)
    const { body: sessions } = await proxy.ask(platform, '/api/sessions', { headers: { ...ownPage, cookie } })
    expect(JSON.parse(sessions).items.map(({ address }: { address: string }) => address)).toContain(from)
    expect(sessions).not.toContain('6.6.6.6')
  })

  test('a client does not ask the gateway in the name of nginx for the secret of an environment', async () => {
    const { body } = await asVisitor('/api/x', { headers: { 'x-ai-lab-offload': 'nginx' } })
    expect(JSON.parse(body).headers).not.toHaveProperty('x-ai-lab-offload')
  })

  test('HTTP/2 works too, with cookies in several pieces', async () => {
    const client = connectHttp2(`https://${host}`, {
      ca: proxy.ca,
      createConnection: () =>
        connect({ host: '127.0.0.1', port: proxy.httpsPort, servername: host, ca: proxy.ca, ALPNProtocols: ['h2'] }),
    })
    const request = client.request({
      ':authority': host,
      ':path': '/api/x',
      ...ownPage,
      cookie: ['own=1', visit, '_xsrf=2'],
    })
    const text = (await request.setEncoding('utf8').toArray()).join('')
    client.close()
    expect(JSON.parse(text).headers).toMatchObject({ host, cookie: 'own=1; _xsrf=2' })
  })

  test('a WebSocket echoes 1,000 messages, and stays open while it is silent', async () => {
    const { socket, received } = await upgrade(visit)
    await until(() => received().includes('\r\n\r\n'))
    expect(received()).toMatch(/^HTTP\/1\.1 101 /)
    for (let sent = 0; sent < 1_000; sent += 1) {
      socket.write(`message ${sent};`)
      while (!received().endsWith(`message ${sent};`))
        await once(socket, 'data', { signal: AbortSignal.timeout(3_000) })
    }
    await sleep(2_500) // test/support/reverse-proxy.ts shortens the minute after which nginx cuts
    socket.write('still here')
    await until(() => received().endsWith('still here'))
    socket.destroy()
  })

  test('an upgrade from another origin is refused', async () => {
    for (const origin of [`https://evil.${gatewayHost}`, `https://${platform}`, 'null']) {
      const { socket, received } = await upgrade(visit, origin)
      await until(() => received().includes('\r\n\r\n'))
      expect(received()).toMatch(/^HTTP\/1\.1 403 /)
      socket.destroy()
    }
  })

  test.each([
    ['a stream of events', '/events', 'data: two'],
    ['a text that comes little by little', '/trickle', 'a first word'],
  ])('%s arrives as it is sent, and ends when the client goes away', async (_, path, word) => {
    open.upstream.taken.isGone = false
    const asked = lines(`GET ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin')
    const { socket, received } = await proxy.open(host, asked)
    await until(() => received().includes(word)) // the answer never ends
    expect(open.upstream.taken.isGone).toBe(false)
    socket.destroy()
    await until(() => open.upstream.taken.isGone)
  })

  test('an upload of 200 MiB is passed on while it comes in, and kept nowhere', async () => {
    const chunk = randomBytes(mebibyte)
    const hash = createHash('sha256')
    open.upstream.taken.octets = 0
    async function* upload() {
      for (let sent = 0; sent < limits.uploadMebibytes; sent += 1) {
        if (sent === 1) await until(() => open.upstream.taken.octets > 0)
        hash.update(chunk)
        yield chunk
      }
    }
    const length = limits.uploadMebibytes * mebibyte
    const { status, body } = await asVisitor('/api/contents/large.bin', {
      method: 'PUT',
      headers: { 'content-length': String(length) },
      body: Readable.from(upload()),
    })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ octets: length, sha256: hash.digest('hex') })
    expect(proxy.mostMebibytes()).toBeLessThan(limits.memoryMebibytes)
  })

  test('a client that reads nothing holds a download up', async () => {
    open.upstream.taken.octets = 0
    const asked = lines('GET /large HTTP/1.1', `Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin')
    const { socket } = await proxy.open(host, asked)
    socket.pause()
    for (let before = -1; before !== open.upstream.taken.octets; ) {
      before = open.upstream.taken.octets
      await sleep(300)
    }
    expect(open.upstream.taken.octets).toBeLessThan(50 * mebibyte) // of 64
    open.upstream.taken.isGone = false
    socket.destroy()
    await until(() => open.upstream.taken.isGone)
  })

  test('a part of a file arrives as asked for', async () => {
    const { status, headers, octets } = await asVisitor('/file.bin', { headers: { range: 'bytes=100000-299998' } })
    expect([status, headers['content-range']]).toEqual([206, 'bytes 100000-299998/300000'])
    expect(octets.equals(file.subarray(100_000, 299_999))).toBe(true)
  })

  test('a client that goes away ends the request in the environment', async () => {
    open.upstream.taken.isGone = false
    const asked = lines('GET /never HTTP/1.1', `Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin')
    const { socket } = await proxy.open(host, asked)
    await sleep(100)
    socket.destroy()
    await until(() => open.upstream.taken.isGone)
  })

  test.each<[string, (length: number) => string[]]>([
    ['a length and chunks', (length) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked']],
    ['chunks and a length', (length) => ['Transfer-Encoding: chunked', `Content-Length: ${length}`]],
    ['two lengths', (length: number) => ['Content-Length: 5', `Content-Length: ${length}`]],
    ['a space before the colon', (length) => ['Transfer-Encoding : chunked', `Content-Length: ${length}`]],
    ['a coding in disguise', (length) => ['Transfer-Encoding: \x0bchunked', `Content-Length: ${length}`]],
    ['two codings', (length) => ['Transfer-Encoding: x', 'Transfer-Encoding: chunked', `Content-Length: ${length}`]],
    ['a length that Connection lists', (length) => [`Content-Length: ${length}`, 'Connection: Content-Length']],
    ['an upgrade and a body', (length) => [`Content-Length: ${length}`, 'Connection: Upgrade', 'Upgrade: websocket']],
    [
      'an upgrade to HTTP/2',
      () => ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'],
    ],
  ])('a request with %s carries no second one past the proxy', async (_, framing) => {
    const asOwner = [`Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin']
    // The proxy overwrites this header. If the environment sees its value, the request went past the proxy unread.
    const inner = lines('GET /x HTTP/1.1', ...asOwner, 'X-Forwarded-For: 6.6.6.6')
    const chunks = `0\r\n\r\n${inner}`
    const { socket, received } = await proxy.open(
      host,
      lines('POST /x HTTP/1.1', ...asOwner, ...framing(chunks.length)) + chunks,
    )
    await until(() => received().includes('\r\n\r\n'))
    // The next request on a connection that the proxy keeps to the gateway gets its own answer.
    for (let asked = 0; asked < 5; asked += 1) {
      expect(JSON.parse((await asVisitor(`/api/canary-${asked}`)).body).url).toBe(`/api/canary-${asked}`)
    }
    expect([...open.upstream.clients]).not.toContain('6.6.6.6')
    socket.destroy()
  })

  test.each([
    ['two hosts', (at: string) => [`Host: ${at}`, `Host: ${platform}`]],
    ['no host', () => []],
  ])('a request with %s is refused', async (_, hosts) => {
    const { socket, received } = await proxy.open(
      host,
      lines('GET /api/x HTTP/1.1', ...hosts(host), `Cookie: ${visit}`),
    )
    await until(() => received().includes('\r\n\r\n'))
    expect(received()).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  })

  test.each([
    ['its whole address', () => `https://${host}`],
    ["another environment's address", () => `https://other.${gatewayHost}`],
    ["the platform's address", () => `https://${platform}`],
  ])('a request with %s as its target gets to its own environment, or to none', async (_, origin) => {
    const headers = [`Host: ${host}`, `Cookie: ${visit}`, 'Sec-Fetch-Site: same-origin', 'Connection: close']
    const { socket, received } = await proxy.open(host, lines(`GET ${origin()}/api/x HTTP/1.1`, ...headers))
    await once(socket, 'end')
    const told = /^HTTP\/1\.1 200 .*"x-forwarded-host":"([^"]+)"/s.exec(received())?.[1]
    expect(told ?? received()).toMatch(told ? host : /^HTTP\/1\.1 40[14] /)
  })

  test('another name is none of ours', async () => {
    const { socket, received } = await proxy.open(host, lines('GET / HTTP/1.1', 'Host: evil.example'))
    await until(() => received().includes('\r\n\r\n') || socket.destroyed)
    expect(received()).not.toMatch(/location|ai-lab/i)
    socket.destroy()
  })

  // Trouble (authority): a page of a notebook stays open after its person signed out, because the proxy holds it open
  test('signing out cuts a WebSocket within a second', async () => {
    const cookie = cookieOf((await signIn()).headers)
    const { socket, received } = await upgrade(await enter(cookie))
    await until(() => received().includes('101'))
    const ended = once(socket, 'end')
    const signOut = { method: 'DELETE', headers: { ...ownPage, cookie } }
    expect((await proxy.ask(platform, '/api/session', signOut)).status).toBe(204)
    const signedOutAt = performance.now()
    await ended
    expect(performance.now() - signedOutAt).toBeLessThan(1_000)
    socket.destroy()
  })

  test('a client that sends its headers too slowly is cut', async () => {
    expect(await slowClosedAfterMs).toBeLessThan(limits.headersMs * 1.5)
  })

  test('while the platform is away, the proxy says so at once', async () => {
    await open.lab.close()
    for (const at of [platform, host]) {
      const began = performance.now()
      const { status, headers, body } = await proxy.ask(at, '/', { headers: page })
      expect([status, headers['retry-after'], headers['content-type']]).toEqual([
        503,
        '5',
        expect.stringMatching(/^text\/plain/),
      ])
      expect(body).toMatch(/^The AI Lab Platform does not answer at the moment\. .*\n$/)
      expect(performance.now() - began).toBeLessThan(1_000)
    }
    const { socket, received } = await upgrade(visit)
    await until(() => received().includes('\r\n\r\n'))
    expect(received()).toMatch(/^HTTP\/1\.1 503 /)
    socket.destroy()
  })
})

// Trouble (authority): a client behind a reverse proxy says that it is somebody else
test.each([
  ['nginx', nginx],
  ['Caddy', caddy],
])('%s tells the platform its own word of the client, and nothing that the client claims', async (_, program) => {
  await using recorder = await openRecorder()
  await using proxy = await startReverseProxy(program, recorder.ports)
  const host = `x.${gatewayHost}`
  const upgrade = { connection: 'Upgrade, X-Forwarded-For, X-Forwarded-Proto, Host', upgrade: 'h2c' }
  await proxy.ask(host, '/a%2F..%2fb?c', { from: '127.0.0.7', headers: { ...lies, ...upgrade } })
  const { url, rawHeaders } = recorder.requests[0] ?? { url: '', rawHeaders: [] }
  const lines = Array.from({ length: rawHeaders.length / 2 }, (__, at) =>
    `${rawHeaders[at * 2]}: ${rawHeaders[at * 2 + 1]}`.replace(/^[^:]+/, (name) => name.toLowerCase()),
  )
  expect(url).toBe('/a%2F..%2fb?c')
  expect(lines.toSorted()).toEqual(
    [`host: ${host}`, 'x-forwarded-for: 127.0.0.7', `x-forwarded-host: ${host}`, 'x-forwarded-proto: https'].toSorted(),
  )
})

// Trouble (authority): a client writes the header in which a trusted proxy names the person
test.each([
  ['nginx', nginx],
  ['Caddy', caddy],
])('%s passes on no name that a client gives itself', async (_, program) => {
  await using recorder = await openRecorder()
  await using proxy = await startReverseProxy(program, recorder.ports)
  const names = ['x-forwarded-email', 'x-forwarded-user', 'x-forwarded-preferred-username', 'remote-user']
  await proxy.ask(platform, '/', { headers: Object.fromEntries(names.map((name) => [name, 'admin'])) })
  const { rawHeaders } = recorder.requests[0] ?? { rawHeaders: ['admin'] }
  expect(rawHeaders).not.toContain('admin')
})

// Trouble (authority): tokens in addresses lie in the log of the proxy
test('the log of nginx has no query, where clients of WebSockets have their token, and no code', async () => {
  await using recorder = await openRecorder()
  await using proxy = await startReverseProxy(nginx, recorder.ports)
  for (const host of [platform, gatewayHost]) await proxy.ask(host, '/asked?token=SECRET')
  await rawAnswer(proxy.httpPort, lines('GET /asked?token=SECRET HTTP/1.1', `Host: ${platform}`, 'Connection: close'))
  await proxy.ask(platform, '/sign-in/link/SECRET')
  const read = () => readFile(join(proxy.folder, 'ai-lab.log'), 'utf8')
  // nginx writes a line once it has sent the answer.
  await expect.poll(read).toContain('"GET /sign-in/link/... HTTP/1.1" 200')
  const log = await read()
  expect(log.match(/"GET \/asked HTTP\/1\.1" \d+/g)).toHaveLength(3)
  expect(log).not.toContain('SECRET')
})

test('with nginx one address may ask often, but not without bound, and others are not held up', async () => {
  await using recorder = await openRecorder()
  await using proxy = await startReverseProxy(nginx, recorder.ports)
  const host = `x.${gatewayHost}`
  const flood = lines('GET / HTTP/1.1', `Host: ${host}`).repeat(1_000) // nginx takes that many on a connection
  const clients = await Promise.all([1, 2, 3].map(() => proxy.open(host, flood, '127.0.0.8')))
  await Promise.all(clients.map(({ socket }) => once(socket, 'end')))
  const statuses = clients.flatMap(({ received }) => received().match(/(?<=HTTP\/1\.1 )\d+/g) ?? [])
  const passed = statuses.filter((status) => status === '200').length
  // A dozen people who open JupyterLab at the same instant get all of it.
  expect([statuses.length, passed > 12 * 150, passed < 3_000]).toEqual([3_000, true, true])
  expect((await proxy.ask(host, '/')).status).toBe(200)
})

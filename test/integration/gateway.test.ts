// The gateway in its path form: a real service with an engine in memory, and a real server as the environment's program.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type GatewayLab, openGatewayLab, openSocket, upgradeRequest } from '../support/gateway.ts'
import { allOctets, file } from '../support/upstream.ts'

let open: GatewayLab
let base: string

beforeAll(async () => {
  open = await openGatewayLab({ images: ['ai-lab/jupyterlab:latest', 'codercom/code-server:latest'] })
  base = `/env/${open.id}`
})
afterAll(() => open[Symbol.asyncDispose]())

/** Waits until something holds; fails after two seconds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(2_000)
  while (!(await holds())) {
    limit.throwIfAborted()
    await sleep(10)
  }
}

test("a request goes on with its method, path, query and body, and with the environment's own secret", async () => {
  const body = randomBytes(300_000)
  const { status, body: told } = await open.ask(`${base}/api/contents/a%20b?x=1&y=%2F`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', cookie: 'ai-lab-session=x; _xsrf=y', host: 'lab.test:5556' },
    body,
  })
  const seen = JSON.parse(told)
  expect(status).toBe(200)
  expect(seen).toMatchObject({
    method: 'PUT',
    url: `${base}/api/contents/a%20b?x=1&y=%2F`,
    octets: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  })
  expect(seen.headers).toMatchObject({ host: 'lab.test:5556', cookie: '_xsrf=y', 'x-forwarded-proto': 'http' })
  expect(seen.headers.authorization).toMatch(/^token (?!ailab_)\S+$/)
  expect(told).not.toContain(open.owner.token)
})

// Trouble (browser): a person who has signed in is asked for a second password, which nobody knows
test("VS Code gets its own secret in its own cookie, in front of the caller's", async () => {
  const { body } = await open.owner.client.post('/api/environments', { template: 'vscode' }).set('prefer', 'wait=10')
  const answer = await open.ask(`/env/${body.id}/x`, { headers: { cookie: 'code-server-session=forged; mine=1' } })
  const { url, headers } = JSON.parse(answer.body)
  const secret = await open.lab.recordedSecret(body.id)
  expect(secret).not.toBeNull()
  expect(url).toBe('/x')
  expect(headers.cookie).toBe(`code-server-session=${secret}; code-server-session=forged; mine=1`)
})

test('a body without a length goes on in chunks, and its content stays the same', async () => {
  const { socket, received } = await openSocket(
    open.port,
    `POST ${base}/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  )
  await once(socket, 'end')
  expect(received()).toContain(createHash('sha256').update('hello').digest('hex'))
  socket.destroy()
})

test.each([
  ['Bearer', (token: string) => ({ authorization: `Bearer ${token}` })],
  ['token, as clients of Jupyter send it', (token: string) => ({ authorization: `token ${token}` })],
  ['Basic', (token: string) => ({ authorization: `Basic ${Buffer.from(`owner@lab:${token}`).toString('base64')}` })],
])('a token counts as %s', async (_, headers) => {
  expect((await open.ask(`${base}/`, { token: null, headers: headers(open.owner.token) })).status).toBe(200)
})

test('a token in the query counts too, and does not reach the environment', async () => {
  const { status, body } = await open.ask(`${base}/api?a=1&token=${open.owner.token}`, { token: null })
  expect([status, JSON.parse(body).url]).toEqual([200, `${base}/api?a=1`])
})

test("nobody without a token, with a wrong one, or with another person's gets to an environment", async () => {
  const other = await open.lab.newUser('other@lab')
  expect((await open.ask(`${base}/`, { token: null })).status).toBe(401)
  expect((await open.ask(`${base}/`, { token: 'ailab_wrong' })).status).toBe(401)
  expect((await open.ask(`${base}/`, { token: null, headers: { cookie: 'ai-lab-session=x' } })).status).toBe(401)
  const denied = await open.ask(`${base}/`, { token: other.token })
  expect([denied.status, JSON.parse(denied.body).type]).toEqual([404, '/problems/environment-not-found'])
})

test('a token that may only read does not open an environment', async () => {
  const { body } = await open.owner.client.post('/api/tokens', { name: 'reader', scopes: ['environments:read'] })
  expect((await open.ask(`${base}/`, { token: body.token })).status).toBe(403)
})

test('a browser cannot show a page of the path form: it shares its origin with other environments', async () => {
  const headers = { 'sec-fetch-mode': 'navigate' }
  expect((await open.ask(`${base}/lab?token=${open.owner.token}`, { token: null, headers })).status).toBe(403)
})

test('a refusal is problem+json with a request id, and says what to do', async () => {
  const { headers, body } = await open.ask('/nowhere', { headers: { 'x-request-id': 'mine' } })
  expect(headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(body)).toMatchObject({ status: 404, request_id: 'mine', instance: '/nowhere' })
})

test('an answer keeps its status and its repeated headers; cookies are cut to the own host', async () => {
  expect((await open.ask(`${base}/x`, { headers: { 'x-status': '418' } })).status).toBe(418)
  const { headers, rawHeaders } = await open.ask(`${base}/cookies`)
  expect(headers['set-cookie']).toEqual(['own=1; Path=/'])
  expect(rawHeaders.filter((_, at) => rawHeaders[at - 1] === 'x-twice')).toEqual(['a', 'b'])
  expect(headers['x-hop']).toBeUndefined()
})

test('an answer of any length and any octets arrives as it was sent', async () => {
  for (const count of [0, 1, 256, 2 ** 14, 2 ** 14 + 1, 2 ** 16, 2 ** 18, 3]) {
    const answer = await fetch(`http://127.0.0.1:${open.port}${base}/octets?${count}`, {
      headers: { authorization: `Bearer ${open.owner.token}` },
    })
    expect(answer.headers.get('content-length')).toBe(String(count))
    expect(Buffer.from(await answer.arrayBuffer()).equals(allOctets(count))).toBe(true)
  }
})

// Trouble (worst): hundreds of kept connections ask at the same moment, again and again, and some go away meanwhile
test('each of 300 kept connections gets all of its own answers, also while others go away', async () => {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  for (let round = 0; round < 4; round += 1) {
    const paths = Array.from({ length: 300 }, (_, client) => `${base}/${client}/${round}`)
    const answers = await Promise.all([...paths.map((path) => open.ask(path, { agent })), ...paths.map(askAndLeave)])
    expect(answers.flatMap((answer) => (answer ? JSON.parse(answer.body).url : []))).toEqual(paths)
  }
})

/** Goes away as soon as the first octets of the answer are there. */
async function askAndLeave(path: string): Promise<null> {
  const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: token ${open.owner.token}\r\n\r\n`
  const { socket } = await openSocket(open.port, request)
  await once(socket, 'data')
  socket.destroy()
  return null
}

test('HEAD and an empty answer end at once, on a connection that is kept', async () => {
  const request = `HEAD ${base}/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`
  const { socket, received } = await openSocket(open.port, request + request)
  await until(() => received().split('HTTP/1.1 200').length === 3)
  socket.destroy()
})

test('events arrive one by one, as the program sends them', async () => {
  const { socket, received } = await openSocket(
    open.port,
    `GET ${base}/one-by-one HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`,
  )
  await until(() => received().includes('data: one'))
  open.upstream.taken.sendNext()
  await until(() => received().includes('data: two'))
  socket.destroy()
})

test('an answer that breaks off is cut, so that nobody takes it for complete', async () => {
  for (const path of ['broken', 'broken-chunks']) {
    await expect(open.ask(`${base}/${path}`)).rejects.toThrow(/aborted|hang up|ECONNRESET/)
  }
})

test('an environment that closes without an answer is 503, and the next request goes on', async () => {
  const { status, headers, body } = await open.ask(`${base}/nothing`)
  expect([status, JSON.parse(body).type, headers['retry-after']]).toEqual([503, '/problems/not-answering', '5'])
  expect((await open.ask(`${base}/x`)).status).toBe(200)
})

// Trouble (input): a program ends its side of the connection once it has asked, and gets no answer
test.each([
  ['a late answer', (auth: string) => `GET ${base}/late HTTP/1.1\r\n${auth}\r\n`, ['/late"']],
  ['a body', (auth: string) => `POST ${base}/a HTTP/1.1\r\n${auth}Content-Length: 5\r\n\r\nhello`, ['"octets":5']],
  ['a file', (auth: string) => `GET ${base}/file.bin HTTP/1.1\r\n${auth}\r\n`, [file.toString('latin1')]],
  [
    'several requests at once',
    (auth: string) => ['late', 'b', 'c'].map((path) => `GET ${base}/${path} HTTP/1.1\r\n${auth}\r\n`).join(''),
    ['/late"', '/b"', '/c"'],
  ],
])('a client that ends its side after its request gets its whole answer: %s', async (_, asked, expected) => {
  const socket = connect({ port: open.port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('latin1')
  socket.end(asked(`Host: x\r\nAuthorization: Bearer ${open.owner.token}\r\n`))
  const received = (await socket.toArray()).join('')
  for (const part of expected) expect(received).toContain(part)
})

test.each([
  ['goes away', 'GET', '\r\n', 'destroy'],
  ['ends its side', 'GET', '\r\n', 'end'],
  ['ends its side', 'POST', 'Content-Length: 5\r\n\r\nhello', 'end'],
] as const)(
  'a client that %s after %s, and gets no answer, ends the request in the environment',
  async (_, method, rest, end) => {
    open.upstream.taken.isGone = false
    const { socket } = await openSocket(
      open.port,
      `${method} ${base}/never HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n${rest}`,
    )
    if (end === 'destroy') await sleep(100)
    socket[end]()
    await until(() => open.upstream.taken.isGone)
    socket.destroy()
  },
)

test('a client that reads nothing holds a download up, and the gateway keeps little of it', async () => {
  open.upstream.taken.octets = 0
  const { socket } = await openSocket(
    open.port,
    `GET ${base}/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`,
  )
  socket.pause()
  await sleep(500)
  const { octets } = open.upstream.taken
  await sleep(300)
  expect(open.upstream.taken.octets).toBe(octets) // it stands still
  expect(octets).toBeLessThan(40 * 2 ** 20)
  socket.destroy()
})

test('an environment that takes little holds an upload up', async () => {
  open.upstream.taken.octets = 0
  const length = 64 * 2 ** 20
  const { socket } = await openSocket(
    open.port,
    `POST ${base}/slow-taker HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\nContent-Length: ${length}\r\n\r\n`,
  )
  const chunk = Buffer.alloc(2 ** 20)
  for (let written = 0; written < length; written += chunk.length) socket.write(chunk)
  await sleep(300)
  expect(open.upstream.taken.octets).toBeGreaterThan(0)
  expect(socket.writableLength).toBeGreaterThan(length / 2) // most of it still waits in the client
  open.upstream.taken.isGone = false
  socket.destroy()
  await until(() => open.upstream.taken.isGone)
})

test('an upgrade is answered by the environment, with the sub-protocol that it chose, and passes bytes both ways', async () => {
  const { socket, received } = await openSocket(
    open.port,
    upgradeRequest(`${base}/api/kernels/1/channels`, open.owner.token, ['Sec-WebSocket-Protocol: a, v1.kernel']) +
      'early',
  )
  await until(() => received().includes('early'))
  expect(received()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
  expect(received()).toContain('sec-websocket-protocol: v1.kernel\r\n')
  expect(received()).toMatch(/x-authorization: token (?!ailab_)\S+\r\n/)
  const large = 'y'.repeat(5_000_000)
  socket.write(large)
  await until(() => received().length > large.length)
  socket.destroy()
})

test('a client that sends much before the upgrade is answered loses none of it', async () => {
  const { socket, received } = await openSocket(open.port, upgradeRequest(`${base}/hesitating`, open.owner.token))
  const early = 'z'.repeat(1_000_000)
  socket.write(early)
  await until(() => received().endsWith(early))
  socket.destroy()
})

test('a refused upgrade brings the answer of the environment; the gateway refuses in problem+json', async () => {
  const refused = await openSocket(open.port, upgradeRequest(`${base}/refused`, open.owner.token))
  await once(refused.socket, 'end')
  expect(refused.received()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*\r\n\r\nno$/)
  for (const [token, path, status] of [
    [null, `${base}/ws`, 401],
    ['ailab_wrong', `${base}/ws`, 401],
    [open.owner.token, '/nowhere', 404],
  ] as const) {
    const { socket, received } = await openSocket(open.port, upgradeRequest(path, token))
    await once(socket, 'end')
    expect(received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*"status":${status}`))
  }
})

test('an offer of another protocol than WebSocket is ignored, and so is an upgrade of anything but a plain GET', async () => {
  for (const [method, upgrade, more] of [
    ['GET', 'h2c', ''],
    ['POST', 'websocket', 'Content-Length: 5\r\n'],
  ] as const) {
    const { socket, received } = await openSocket(
      open.port,
      `${method} ${base}/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${more}\r\nhello`,
    )
    await until(() => received().includes('"method"'))
    expect(received()).toMatch(/^HTTP\/1\.1 200 /)
    expect(received()).toContain(`"method":"${method}"`)
    socket.destroy()
  }
})

// Trouble (input): Node drops what comes behind an offer that nobody takes: the rest of a body is then taken for a request
test.each(['', 'Expect: x\r\n'])(
  'nothing behind an offer of another protocol is taken for a request, and the connection ends (%j)',
  async (more) => {
    const request = (line: string, more: string) =>
      `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n${more}\r\n`
    const offer = request(`GET ${base}/late`, `Connection: Upgrade\r\nUpgrade: h2c\r\n${more}`)
    const next = await openSocket(open.port, offer + request(`GET ${base}/next`, ''))
    await once(next.socket, 'end', { signal: AbortSignal.timeout(5_000) })
    expect(next.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n/i)
    expect(next.received()).not.toContain('/next')
    const body = request(`GET ${base}/SMUGGLED`, '')
    const split = await openSocket(open.port, offer + request(`POST ${base}/x`, `Content-Length: ${body.length}\r\n`))
    await sleep(20)
    split.socket.write(body)
    await once(split.socket, 'end', { signal: AbortSignal.timeout(5_000) })
    expect(open.upstream.smuggled).toEqual([])
  },
)

test('when the environment ends a WebSocket, the client gets its last bytes and the end', async () => {
  const { socket, received } = await openSocket(open.port, upgradeRequest(`${base}/ending`, open.owner.token))
  await once(socket, 'end')
  expect(received()).toMatch(/bye$/)
})

test('a client that ends its side of a WebSocket hears what the environment says after a while', async () => {
  const { socket } = await openSocket(open.port, upgradeRequest(`${base}/lingering`, open.owner.token))
  await once(socket, 'data')
  socket.end()
  expect(String((await once(socket, 'data'))[0])).toBe('bye')
})

test('when a client ends or cuts its WebSocket, the connection to the environment ends', async () => {
  const before = await open.upstream.connections()
  for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const { socket, received } = await openSocket(open.port, upgradeRequest(`${base}/ws`, open.owner.token))
    await until(() => received().includes('101'))
    socket[end]()
  }
  await until(async () => (await open.upstream.connections()) <= before)
})

// Trouble (authority): a download and a WebSocket go on after the token was revoked
test('revoking a token cuts its downloads and WebSockets within a second', async () => {
  const { body } = await open.owner.client.post('/api/tokens', { name: 'short' }).expect(201)
  const socketOf = (first: string) => openSocket(open.port, first)
  const webSocket = await socketOf(upgradeRequest(`${base}/ws`, body.token))
  const stream = await socketOf(`GET ${base}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${body.token}\r\n\r\n`)
  await until(() => webSocket.received().includes('101') && stream.received().includes('data: one'))
  await open.owner.client.delete(`/api/tokens/${body.id}`).expect(204)
  const closed = (socket: NodeJS.EventEmitter) => once(socket, 'close', { signal: AbortSignal.timeout(1_000) })
  for (const { socket } of [webSocket, stream]) socket.on('end', () => socket.destroy())
  await Promise.all([closed(webSocket.socket), closed(stream.socket)])
})

test.each([
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
  ['a space before the colon', 'Content-Length : 3\r\n\r\nabc'],
  ['a bare line feed', 'X: a\nY: b\r\n\r\n'],
  ['an unknown coding of the body', 'Transfer-Encoding: x, chunked, identity\r\n\r\n0\r\n\r\n'],
  ['a folded header', 'X: a\r\n b\r\n\r\n'],
])('a request with %s never reaches the environment', async (_, rest) => {
  const { socket, received } = await openSocket(
    open.port,
    `POST ${base}/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n${rest}`,
  )
  await once(socket, 'end')
  expect(received()).toMatch(/^HTTP\/1\.1 400 /)
  expect(received()).not.toContain('"method"')
  socket.destroy()
})

test('pipelined requests are answered in their order', async () => {
  const request = (path: string, last = false) =>
    `GET ${base}/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
  const { socket, received } = await openSocket(open.port, request('late') + request('first') + request('second', true))
  await once(socket, 'end')
  const [late, first, second] = ['/late"', '/first"', '/second"'].map((text) => received().indexOf(text))
  expect(late).toBeGreaterThan(0)
  expect(first).toBeGreaterThan(late ?? 0)
  expect(second).toBeGreaterThan(first ?? 0)
  socket.destroy()
})

test('a request that is refused before its body came in ends the connection, and the body is no next request', async () => {
  const smuggled = `GET ${base}/smuggled HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`
  const { socket, received } = await openSocket(
    open.port,
    `POST ${base}/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n`,
  )
  const ended = once(socket, 'end')
  await until(() => received().includes('401'))
  socket.write(smuggled)
  await ended
  await sleep(100)
  expect(received()).not.toContain('smuggled')
  socket.destroy()
})

// Trouble (worst): the records cannot be read, and the load balancer goes on sending people to the gateway
test('the health of the gateway is 503 while the records cannot be read', async () => {
  const health = async () => {
    const { status, body } = await open.ask('/.ai-lab/health', { token: null })
    return [status, JSON.parse(body).type]
  }
  expect(await health()).toEqual([200, undefined])
  const beside = new SQLite(join(open.lab.dataDir, 'admin/ai-lab.db'))
  beside.exec('alter table accounts rename to elsewhere')
  expect(await health()).toEqual([503, '/problems/lab-not-ready'])
  beside.exec('alter table elsewhere rename to accounts')
  beside.close()
  expect(await health()).toEqual([200, undefined])
})

test('an environment that does not run answers 503, with the way on', async () => {
  const act = (action: string, status: string) =>
    open.owner.client
      .post(`/api/environments/${open.id}/${action}`)
      .expect(202)
      .then(() =>
        until(async () => (await open.owner.client.get(`/api/environments/${open.id}`)).body.status === status),
      )
  await act('pause', 'paused')
  const paused = await open.ask(`${base}/`)
  expect([paused.status, paused.headers['retry-after']]).toEqual([503, '30'])
  expect(JSON.parse(paused.body).detail).toMatch(/is paused.*\/resume resumes it/)
  await act('stop', 'exited')
  expect(JSON.parse((await open.ask(`${base}/`)).body).detail).toMatch(/is stopped.*\/start starts it/)
  await act('start', 'running')
  expect((await open.ask(`${base}/`)).status).toBe(200)
})

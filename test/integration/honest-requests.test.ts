/** The answers to requests with mistakes: unknown names, wrong types, wrong methods, and text that is no HTTP. */
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { closing, portOf, rawAnswer } from '../support/raw-http.ts'

let lab: Lab
let admin: Client
let port: number
beforeAll(async () => {
  lab = await openLab()
  admin = lab.as(lab.adminToken)
  port = await portOf(lab.service.app)
})
afterAll(() => lab[Symbol.asyncDispose]())

// Trouble (input): a misspelt query parameter
test.each([
  ['/api/environments?stauts=running', 'stauts', 'did you mean status?'],
  ['/api/users?limti=3', 'limti', 'did you mean limit?'],
  ['/api/users/admin?x=1', 'x', 'nor any other'],
  ['/api/health?full=1', 'full', 'nor any other'],
  ['/metrics?name=up', 'name', 'nor any other'],
  ['/api/openapi.json?x=1', 'x', 'nor any other'],
])('the service refuses the unknown parameter of %s, and names the nearest one', async (path, name, words) => {
  const { body } = await admin.get(path).expect(400)
  expect(body).toMatchObject({ type: '/problems/invalid-request', errors: [{ pointer: `/${name}` }] })
  expect(body.detail).toContain(words)
})

// Trouble (input): a misspelt field of a body
test.each([
  ['/api/environments', { templat: 'jupyterlab' }, '/templat', 'did you mean template?'],
  ['/api/environments', { template: 'x', resources: { memory_byte: 1 } }, '/resources/memory_byte', 'memory_bytes?'],
  ['/api/environments/any/stop', { force: true }, '/force', 'there are user_id'],
  ['/api/environments/any/recreate', { force: true }, '/force', 'there are image'],
  ['/api/data/consistency', { force: true }, '/force', 'nor any other'],
])('%s refuses the unknown field in %j', async (path, sent, pointer, words) => {
  const { body } = await admin.post(path, sent).expect(400)
  const error = body.errors.find((each: { pointer: string }) => each.pointer === pointer)
  expect(error.detail).toContain(words)
})

// The fields that a call requires beside the unknown one.
const needed: Record<string, object> = {
  'post /api/environments': { template: 'x' },
  'patch /api/environments/{id}': { name: 'x' },
  'post /api/users': { id: 'x' },
  'post /api/tokens': { name: 'x' },
  'post /api/session': { user_id: 'x', password: 'x' },
  'post /api/admin/backups/{id}/restore': { shared: true },
  'post /api/admin/legacy-backups/{name}/restore': { user_id: 'x' },
  'post /api/shared/openings': { path: 'x', tier: 'default' },
  'post /api/shared/files/{path}': { op: 'make-folder' },
  'post /api/users/{id}/files/{path}': { op: 'make-folder' },
  'put /api/users/{id}/password': { password: 'x' },
}

/** The pattern of a call with names of the right form in it. */
function withNames(pattern: string): string {
  return pattern
    .replace(/\/backups\/\{(id|backup)\}/, '/backups/2026-11-26T20-00-00Z-abcd')
    .replace('/legacy-backups/{name}', '/legacy-backups/backup_x_1764000000.zip')
    .replaceAll(/\{\w+\}/g, 'x')
}

// The body of an upload is the content of a file.
const isUpload = (call: string) => /^put .*\/files\/\{path\}$|^(post|patch) \/api\/uploads/.test(call)

// Trouble (input): some call ignores unknown names
test('every call refuses an unknown parameter and an unknown field', async () => {
  const { paths } = (await lab.as().get('/api/openapi.json').expect(200)).body as { paths: Record<string, object> }
  const accepting: string[] = []
  for (const [pattern, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations) as ('get' | 'head' | 'post' | 'put' | 'patch' | 'delete')[]) {
      const call = `${method} ${pattern}`
      const path = withNames(pattern)
      const refuses = (body: { errors?: { pointer: string }[] }) =>
        body.errors?.some(({ pointer }) => pointer === '/no_such_name')
      const query = await admin[method](`${path}?no_such_name=1`, needed[call] ?? {})
      // The answer to a HEAD has no body.
      if (method === 'head' ? query.status !== 400 : !refuses(query.body)) accepting.push(`${call}: a parameter`)
      if (method === 'get' || method === 'head' || method === 'delete' || isUpload(call)) continue
      const field = await admin[method](path, { ...needed[call], no_such_name: 1 })
      if (!refuses(field.body)) accepting.push(`${call}: a field`)
    }
  }
  expect(Object.keys(paths).length).toBeGreaterThan(10)
  expect(accepting).toEqual([])
})

test("a caller may act in their own name, an administrator in anybody's", async () => {
  const { client } = await lab.newUser('portal@lab')
  await client.post('/api/environments/any/stop', { user_id: 'admin' }).expect(403)
  await client.post('/api/environments/any/stop', { user_id: 'portal@lab' }).expect(404)
  await admin.post('/api/environments/any/stop', { user_id: 'portal@lab' }).expect(404)
})

// Trouble (input): a body is plain text
test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/xml'])(
  'the service refuses a body of the type %s',
  async (type) => {
    const { body } = await admin
      .post('/api/users')
      .set('content-type', type)
      .send('{"id":"x"}' as never)
      .expect(415)
    expect(body.type).toBe('/problems/unsupported-media-type')
  },
)

// Trouble (input): a known path gets a wrong method
test.each([
  ['DELETE', '/api/environments', 'GET, HEAD, POST, OPTIONS'],
  ['PUT', '/api/environments/ai-lab-x?y=1', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
  ['POST', '/api/health/live', 'GET, HEAD, OPTIONS'],
  ['GET', '/api/environments/ai-lab-x/stop', 'POST, OPTIONS'],
  ['HEAD', '/api/environments/ai-lab-x/logs', 'GET, OPTIONS'],
  ['TRACE', '/api/users', 'GET, HEAD, POST, OPTIONS'],
])('%s %s is refused with the allowed methods', async (method, path, allow) => {
  const { status, headers, body } = await rawAnswer(port, closing(method, path))
  expect([status, headers.get('allow')]).toEqual([405, allow])
  expect(headers.get('x-request-id')).toBeTruthy()
  if (method !== 'HEAD') expect(JSON.parse(body).type).toBe('/problems/method-not-allowed')
})

test('OPTIONS lists the methods of a path, and gives 404 for an unknown path', async () => {
  const known = await rawAnswer(port, closing('OPTIONS', '/api/users'))
  expect([known.status, known.headers.get('allow'), known.body]).toEqual([204, 'GET, HEAD, POST, OPTIONS', ''])
  expect((await rawAnswer(port, closing('OPTIONS', '/api/nothing'))).status).toBe(404)
})

test('HEAD answers as GET does, without the body', async () => {
  const { status, body } = await rawAnswer(port, closing('HEAD', '/api/health/live'))
  expect([status, body]).toEqual([200, ''])
})

// Trouble (input): a path ends with a slash too many
test('a slash at the end of a path makes no difference', async () => {
  expect((await admin.get('/api/environments/').expect(200)).body.items).toEqual([])
  expect((await admin.get('/api/users/admin/').expect(200)).body.id).toBe('admin')
})

describe('broken requests:', () => {
  // Trouble (input): Node's HTTP parser refuses a request
  test.each([
    ['rubbish', 'rubbish\r\n\r\n', 400, 'malformed-request'],
    ['headers of 20 KiB', `GET /api/health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['no host', 'GET /api/health HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'malformed-request'],
    [
      'two hosts',
      'GET /api/health HTTP/1.1\r\nhost: x\r\nHost: y\r\nconnection: close\r\n\r\n',
      400,
      'malformed-request',
    ],
    [
      'an expectation that nobody meets',
      'GET /api/none HTTP/1.1\r\nhost: x\r\nexpect: magic\r\nconnection: close\r\n\r\n',
      404,
      'not-found',
    ],
    ['a page that /docs lacks', closing('GET', '/docs/static/none.js'), 404, 'not-found'],
    ['a path that leads out of /docs', closing('GET', '/docs/static/..%2f..%2fpackage.json'), 404, 'not-found'],
    [
      'a body that is no chunk',
      'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
      'malformed-request',
    ],
  ])('a request with %s gets a problem+json answer', async (_, text, status, code) => {
    const answer = await rawAnswer(port, text)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(answer.body)).toMatchObject({
      type: `/problems/${code}`,
      status,
      request_id: answer.headers.get('x-request-id'),
    })
  })

  // Trouble (input): a request never comes to its end
  test.each([
    'GET /api/hea',
    'POST /api/users HTTP/1.1\r\nhost: x\r\nauthorization: TOKEN\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
  ])('a request that takes too long (%j) gets a problem+json answer', async (half) => {
    const text = half.replace('TOKEN', `Bearer ${lab.adminToken}`)
    const { server } = lab.service.app
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const answer = rawAnswer(port, text)
    const socket = await accepted
    const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    await expect.poll(() => socket.bytesRead).toBe(text.length)
    server.emit('clientError', timeout, socket)
    expect([(await answer).status, JSON.parse((await answer).body).type]).toEqual([408, '/problems/request-timeout'])
  })

  test('a request that was answered before it was complete gets no second answer', async () => {
    const { server } = lab.service.app
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const text = 'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'
    const answered = new Promise<void>((resolve) =>
      server.once('request', (_, response) => response.once('finish', () => resolve())),
    )
    const answer = rawAnswer(port, text)
    const socket = await accepted
    await answered
    server.emit(
      'clientError',
      Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
      socket,
    )
    expect((await answer).status).toBe(401)
    expect(JSON.parse((await answer).body).type).toBe('/problems/unauthenticated')
  })

  // Trouble (input): rubbish follows a request whose answer is under way
  test('rubbish behind a request whose answer is under way gets no answer of its own', async () => {
    const { body } = await admin.post('/api/environments', { template: 'jupyterlab' }).set({ prefer: 'wait=20' })
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    onTestFinished(() => void socket.destroy())
    let read = ''
    socket.on('data', (data) => {
      read += data
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write(
      `GET /api/environments/${body.id}/logs?follow=true HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${lab.adminToken}\r\n\r\n`,
    )
    await expect.poll(() => read).toContain(': following')
    socket.write('rubbish\r\n\r\n')
    await closed
    expect(read.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

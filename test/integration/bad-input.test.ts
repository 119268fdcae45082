import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userIdRule } from '../../src/domain/people/user-id.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

let lab: Lab
let admin: Client
beforeAll(async () => {
  lab = await openLab()
  admin = lab.as(lab.adminToken)
})
afterAll(() => lab[Symbol.asyncDispose]())

// Trouble (input): user ids `../x`, `a/b`, `.`, empty, 129 characters, unicode
test.each(['../x', 'a/b', '.', '..', '', 'a'.repeat(129), 'ユーザー', '\u212Aelvin', 'a b', 'a\u0000'])(
  'every call refuses the user id %j, with the rule',
  async (id) => {
    const added = await admin.post('/api/users', { id }).expect(400)
    expect(added.body).toMatchObject({
      type: '/problems/invalid-request',
      errors: [{ pointer: '/id', detail: userIdRule }],
    })
    const created = await admin.post('/api/environments', { template: 'jupyterlab', user_id: id }).expect(400)
    expect(created.body.errors).toEqual([{ pointer: '/user_id', detail: userIdRule }])
    if (id !== '') await admin.get(`/api/environments?user_id=${encodeURIComponent(id)}`).expect(400)
  },
)

// Trouble (input): a user id in upper case
test('a user id in upper case names the same person', async () => {
  await admin.post('/api/users', { id: 'Demo@AILab.com' }).expect(201)
  const again = await admin.post('/api/users', { id: 'demo@ailab.com' }).expect(409)
  expect(again.body.type).toBe('/problems/user-exists')
  expect((await admin.get('/api/users/DEMO@ailab.com').expect(200)).body.id).toBe('demo@ailab.com')
})

// Trouble (input): an unknown template
test('the service refuses an unknown user, template or tier', async () => {
  const nobody = await admin.post('/api/environments', { template: 'jupyterlab', user_id: 'nobody' }).expect(404)
  expect(nobody.body.detail).toBe('There is no user nobody. An administrator can add one.')
  const template = await admin.post('/api/environments', { template: 'fortran' }).expect(422)
  expect(template.body.detail).toMatch(/^There is no template "fortran"\. There are: jupyterlab, /)
  await admin.post('/api/environments', { template: '__proto__' }).expect(422)
  await admin.post('/api/environments', { template: 'constructor' }).expect(422)
  await admin.post('/api/users', { id: 'x', tier: 'gold' }).expect(422)
})

// Trouble (input): a name with control characters
test.each(['a\u0000b', 'a\nb', '\u001b[31mred', 'a\u202eb', 'a\u2028b', '', '   ', 'x'.repeat(101)])(
  'a creation and a rename refuse the name %j',
  async (name) => {
    const created = await admin.post('/api/environments', { template: 'jupyterlab', name }).expect(400)
    const renamed = await admin.patch('/api/environments/whichever', { name }).expect(400)
    for (const { body } of [created, renamed]) expect(body.errors[0].pointer).toBe('/name')
  },
)

// Trouble (input): unknown fields
test('the service refuses unknown fields instead of ignoring them', async () => {
  const { body } = await admin.post('/api/environments', { template: 'jupyterlab', imgae: 'x' }).expect(400)
  expect(body.detail).toContain('imgae')
})

test.each([
  [{ template: 'jupyterlab', resources: { memory_bytes: -1 } }],
  [{ template: 'jupyterlab', resources: { cpu_cores: 0 } }],
  [{ template: 'jupyterlab', resources: { memory_bytes: 1.5e9 + 0.5 } }],
  [{ template: 7 }],
  [{}],
  [[]],
])('the service refuses the body %j', async (body) => {
  await admin.post('/api/environments', body).expect(400)
})

// Trouble (input): malformed JSON
test('the service refuses a body that is no JSON', async () => {
  const { body } = await admin
    .post('/api/environments')
    .set('content-type', 'application/json')
    .send('{"template"' as never)
    .expect(400)
  expect(body.type).toBe('/problems/malformed-request')
})

// Trouble (input): an empty body has the content type JSON
test('an empty body with the content type JSON counts as no body', async () => {
  const stop = admin.post('/api/environments/ai-lab-none/stop').set('content-type', 'application/json')
  expect((await stop.expect(404)).body.type).toBe('/problems/environment-not-found')
})

// Trouble (input): a body names a prototype
test.each(['{"__proto__":{"role":"admin"},"id":"x"}', '{"constructor":{"prototype":{}},"id":"x"}'])(
  'the service refuses the body %s',
  async (text) => {
    await admin
      .post('/api/users')
      .set('content-type', 'application/json')
      .send(text as never)
      .expect(400)
  },
)

test('the service refuses a body of another media type', async () => {
  await admin
    .post('/api/environments')
    .set('content-type', 'text/xml')
    .send('<a/>' as never)
    .expect(415)
})

// Trouble (input): a body of 2 MiB
test('the service refuses a body of 2 MiB', async () => {
  const { body } = await admin
    .post('/api/environments', { template: 'jupyterlab', name: 'x'.repeat(2 ** 21) })
    .expect(413)
  expect(body.type).toBe('/problems/body-too-large')
})

test.each(['limit=0', 'limit=201', 'limit=x', 'cursor=rubbish', 'status=asleep'])(
  'the query %s is refused',
  async (query) => {
    await admin.get(`/api/environments?${query}`).expect(400)
  },
)

// Trouble (input): somebody makes up a cursor
test('the list of users survives a made-up cursor, or refuses it', async () => {
  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  expect((await admin.get(`/api/users?cursor=${cursor(['../x'])}`).expect(200)).body.items).not.toEqual([])
  await admin.get(`/api/users?cursor=${cursor([7])}`).expect(400)
})

test.each(['', ' ', 'a b', 'x'.repeat(256)])('the service refuses the idempotency key %j', async (key) => {
  await admin.post('/api/environments', { template: 'jupyterlab' }).set('idempotency-key', key).expect(400)
})

test('every error is problem+json with the same id as its header', async () => {
  const { body, headers } = await admin.get('/api/nothing?x=1').expect(404)
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(body).toEqual({
    type: '/problems/not-found',
    title: 'There is nothing here',
    status: 404,
    detail: 'There is no GET /api/nothing.',
    instance: '/api/nothing',
    request_id: headers['x-request-id'],
    error: 'There is no GET /api/nothing.',
  })
})

describe('raw paths:', () => {
  test.each([
    '/api/environments/%00',
    '/api/environments/%ff',
    '/api/environments/..%2f..%2fetc',
    `/api/environments/${'x'.repeat(300)}`,
    '/api/%zz',
  ])('the path %s gives a client error as problem+json', async (path) => {
    const { statusCode, headers } = await answerTo(path)
    expect(statusCode).toBeGreaterThanOrEqual(400)
    expect(statusCode).toBeLessThan(500)
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(headers['x-request-id']).toBeDefined()
  })

  async function answerTo(path: string): Promise<IncomingMessage> {
    const { port } = lab.service.app.server.address() as AddressInfo
    return new Promise((resolve, reject) => {
      request({ port, path, headers: { authorization: `Bearer ${lab.adminToken}` } }, (answer) => {
        answer.resume()
        resolve(answer)
      })
        .once('error', reject)
        .end()
    })
  }
  beforeAll(() => lab.service.app.listen({ port: 0, host: '127.0.0.1' }))
})

test('none of these requests left an environment or a container', async () => {
  expect((await admin.get('/api/environments')).body.items).toEqual([])
  expect(lab.engine.calls.filter(({ name }) => name === 'create')).toEqual([])
})

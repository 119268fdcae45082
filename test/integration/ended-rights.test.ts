/** Every stream and wait ends with the right behind it, whichever way that right ends. */
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { running } from '../support/become.ts'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'
import { newPerson, ownPage, password } from '../support/sign-in.ts'

type Scene = { lab: Lab; admin: Client; alice: { token: string; tokenId: string }; held: Promise<void> }

async function openScene(): Promise<Scene & AsyncDisposable> {
  const lab = await openLab()
  await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const admin = lab.as(lab.adminToken)
  const { token } = await lab.newUser('alice@lab')
  const { body } = await admin.get('/api/tokens?user_id=alice@lab').expect(200)
  const alice = { token, tokenId: body.items[0].id }
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  return {
    lab,
    admin,
    alice,
    held,
    async [Symbol.asyncDispose]() {
      letGo()
      await lab[Symbol.asyncDispose]()
    },
  }
}

type Credentials = string | Record<string, string>

function open({ lab }: Scene, path: string, credentials: Credentials): Promise<EventStream> {
  const address = lab.service.app.server.address()
  const port = typeof address === 'object' ? address?.port : null
  const headers = typeof credentials === 'string' ? { authorization: `Bearer ${credentials}` } : credentials
  return openEvents(`http://127.0.0.1:${port}${path}`, { headers })
}

/** Opens the streams of one environment, and waits for another environment, whose creation is held up. */
async function openAll(scene: Scene, credentials: Credentials) {
  const { lab, held } = scene
  const client = lab.as(credentials)
  const id = await running(client)
  const streams = [
    await open(scene, `/api/environments/${id}/events?follow=true`, credentials),
    await open(scene, `/api/environments/${id}/logs?follow=true`, credentials),
    await open(scene, '/api/events', credentials),
  ]
  lab.engine.beforeCall = ({ name }) => (name === 'create' ? held : undefined)
  const request = client.post('/api/environments', { template: 'jupyterlab' }).set({ prefer: 'wait=60' })
  const waited = request.then(({ status }) => status)
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'create')).toHaveLength(2)
  return { streams, waited }
}

/** The milliseconds until all streams and the wait have ended, and the status of the wait. */
async function ending(work: Promise<unknown>, { streams, waited }: Awaited<ReturnType<typeof openAll>>) {
  await work
  const startedAt = performance.now()
  const [status] = await Promise.all([waited, ...streams.map(({ ended }) => ended)])
  return { status, ms: performance.now() - startedAt }
}

/** Removes the token as another process would, without telling the service. */
async function beside({ lab, alice }: Scene): Promise<void> {
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  await createAccountStore(database).removeToken(alice.tokenId)
}

// Trouble (authority): streams and waits outlive the token that opened them
test.each([
  ['is revoked', ({ admin, alice }: Scene) => admin.delete(`/api/tokens/${alice.tokenId}`).expect(204)],
  ['is revoked by another process', beside],
  [
    'loses its owner, who is disabled',
    ({ admin }: Scene) => admin.patch('/api/users/alice@lab', { disabled: true }).expect(200),
  ],
] as const)('streams and waits end within a second when their token %s', async (_, end) => {
  await using scene = await openScene()
  const all = await openAll(scene, scene.alice.token)
  const { status, ms } = await ending(Promise.resolve(end(scene)), all)
  expect(status).toBe(401)
  expect(ms).toBeLessThan(1_000)
})

// Trouble (authority): streams go on in a tab of somebody who has signed out
test.each([
  ['signs out', ({ bob }: Visit) => bob.delete('/api/session').expect(204)],
  ['is disabled', ({ admin }: Visit) => admin.patch('/api/users/bob', { disabled: true }).expect(200)],
  ['gets a new password', ({ admin }: Visit) => admin.put('/api/users/bob/password', { password }).expect(204)],
] as const)("a session's streams and waits end within a second when its owner %s", async (_, end) => {
  await using scene = await openScene()
  const { cookie, client: bob } = await newPerson(scene.lab, 'bob')
  const all = await openAll(scene, { ...ownPage, cookie })
  const { status, ms } = await ending(end({ ...scene, bob }).then(), all)
  expect(status).toBe(401)
  expect(ms).toBeLessThan(1_000)
})

type Visit = Scene & { bob: Client }

test('streams and waits end within a second when their token expires', async () => {
  await using scene = await openScene()
  const asked = { name: 'short', expires_in_seconds: 5 }
  const { body } = await scene.lab.as(scene.alice.token).post('/api/tokens', asked).expect(201)
  const all = await openAll(scene, body.token)
  const [status] = await Promise.all([all.waited, ...all.streams.map(({ ended }) => ended)])
  expect(status).toBe(401)
  expect(Date.now() - Date.parse(body.expires)).toBeLessThan(1_000)
})

test("an administrator's streams end within a second of a demotion, and the token goes on with a user's rights", async () => {
  await using scene = await openScene()
  const { admin, lab } = scene
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body } = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  const all = await openAll(scene, body.token)
  const { status, ms } = await ending(admin.patch('/api/users/second', { role: 'user' }).expect(200).then(), all)
  expect(status).toBe(403)
  expect(ms).toBeLessThan(1_000)
  await lab.as(body.token).get('/api/templates').expect(200)
})

test('a reader that takes no data is cut off within a second after its right ends', async () => {
  await using scene = await openScene()
  const { admin, alice, lab } = scene
  const id = await running(lab.as(alice.token))
  const { port } = lab.service.app.server.address() as AddressInfo
  const stalled = connect(port, '127.0.0.1').pause()
  const head = [
    `GET /api/environments/${id}/logs?follow=true HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${alice.token}`,
  ]
  stalled.write(`${head.join('\r\n')}\r\n\r\n`)
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === 'followLogs')).toBe(true)
  for (let index = 0; index < 300; index += 1) lab.engine.say(id, 'stdout', 'x'.repeat(64 * 1024))
  await admin.delete(`/api/tokens/${alice.tokenId}`).expect(204)
  const startedAt = performance.now()
  await expect.poll(() => connectionsOf(lab), { interval: 20 }).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(1_000)
  stalled.destroy()
})

function connectionsOf({ service }: Lab): Promise<number> {
  return promisify(service.app.server.getConnections.bind(service.app.server))()
}

test('a stream of another token of the same person goes on', async () => {
  await using scene = await openScene()
  const { admin, alice, lab } = scene
  const other = await lab.as(alice.token).post('/api/tokens', { name: 'other' }).expect(201)
  const id = await running(lab.as(alice.token))
  const path = `/api/environments/${id}/events?follow=true`
  using ends = await open(scene, path, alice.token)
  using goesOn = await open(scene, path, other.body.token)
  await admin.delete(`/api/tokens/${alice.tokenId}`).expect(204)
  await ends.ended
  await lab.as(other.body.token).post(`/api/environments/${id}/stop`).expect(202)
  await expect.poll(() => goesOn.of('status').at(-1)?.status).toBe('exited')
})

// Trouble (authority): a token is revoked during the proof, and its environment is created all the same
test('the service refuses a creation whose right ends during the proof of the data root', async () => {
  await using scene = await openScene()
  const { admin, alice, lab } = scene
  const { promise: proven, resolve: goOn } = Promise.withResolvers<void>()
  const before = lab.engine.calls.length
  lab.engine.beforeCall = ({ name }) => (name === 'look' ? proven : undefined)
  const created = lab.as(alice.token).post('/api/environments', { template: 'jupyterlab' })
  const answer = created.then(({ status }) => status)
  await expect.poll(() => lab.engine.calls.slice(before).some(({ name }) => name === 'look')).toBe(true)
  await admin.delete(`/api/tokens/${alice.tokenId}`).expect(204)
  goOn()
  expect(await answer).toBe(401)
  expect((await admin.get('/api/environments?user_id=alice@lab').expect(200)).body.items).toEqual([])
})

test('the service refuses to recreate a container when the right to do so ends during the proof of the data root', async () => {
  await using scene = await openScene()
  const { admin, alice, lab } = scene
  const id = await running(lab.as(alice.token))
  const container = await lab.engine.inspect(id)
  const { promise: proven, resolve: goOn } = Promise.withResolvers<void>()
  const before = lab.engine.calls.length
  lab.engine.beforeCall = ({ name }) => (name === 'look' ? proven : undefined)
  const answer = lab
    .as(alice.token)
    .post(`/api/environments/${id}/recreate`)
    .then(({ status }) => status)
  await expect.poll(() => lab.engine.calls.slice(before).some(({ name }) => name === 'look')).toBe(true)
  await admin.patch('/api/users/alice@lab', { disabled: true }).expect(200)
  goOn()
  expect(await answer).toBe(401)
  expect((await lab.engine.inspect(id))?.containerId).toBe(container?.containerId)
})

// Trouble (authority): a log is read for a token that was revoked while the request waited for its turn
test.each(['logs', 'stats'] as const)('a request for %s that waits its turn ends with its right', async (what) => {
  await using scene = await openScene()
  const { admin, alice, lab, held } = scene
  const client = lab.as(alice.token)
  const id = await running(client)
  lab.engine.beforeCall = ({ name }) => (name === what ? held : undefined)
  const asked = Array.from({ length: 6 }, () => client.get(`/api/environments/${id}/${what}`))
  const ends = asked.map((request) => request.then(({ status }) => status).catch(() => 'cut off'))
  await expect.poll(() => lab.engine.calls.some(({ name }) => name === what)).toBe(true)
  await admin.delete(`/api/tokens/${alice.tokenId}`).expect(204)
  const late = setTimeout(1_000, 'too late', { ref: false })
  expect(await Promise.race([Promise.all(ends), late])).toContain(401)
})

// Trouble (authority): an administrator whose token was revoked gets the proof that the request waited for
test.each([
  ['a proof of everything', 'seeInside', 'post', () => '/api/data/consistency'],
  ['a list of orphans', 'list', 'get', () => '/api/data/orphans'],
  ['the proof of one environment', 'inspect', 'get', (id: string) => `/api/environments/${id}/mounts`],
] as const)('a request for %s ends with its right', async (_, call, method, pathOf) => {
  await using scene = await openScene()
  const { admin, alice, lab, held } = scene
  const path = pathOf(await running(lab.as(alice.token)))
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body } = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  const before = lab.engine.calls.length
  lab.engine.beforeCall = ({ name }) => (name === call ? held : undefined)
  const second = lab.as(body.token)
  const ends = (method === 'post' ? second.post(path) : second.get(path)).then(({ status }) => status)
  await expect.poll(() => lab.engine.calls.slice(before).some(({ name }) => name === call)).toBe(true)
  await admin.delete(`/api/tokens/${body.id}`).expect(204)
  expect(await Promise.race([ends, setTimeout(1_000, 'too late', { ref: false })])).toBe(401)
})

// Trouble (authority): a demoted administrator still receives the rest of the list of everybody's environments
test('the list of all environments breaks off when the right to it ends', async () => {
  await using scene = await openScene()
  const { admin, alice, lab } = scene
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body } = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  const id = await running(lab.as(alice.token))
  await lab.withRecords(async (store) => {
    const record = await store.get(id)
    if (!record) throw new Error('gone')
    const long = { ...record, desired: 'stopped', name: 'x'.repeat(100_000) } as const
    for (let at = 0; at < 250; at += 1)
      await store.insert({ ...long, id: `${id}-${at}` }, { claim: null, atMost: 1_000 })
  })
  const { port } = lab.service.app.server.address() as AddressInfo
  const stalled = connect(port, '127.0.0.1').pause()
  stalled.write(`GET /api/environments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${body.token}\r\n\r\n`)
  stalled.once('readable', () => {})
  await expect.poll(() => stalled.readableLength).toBeGreaterThan(0)
  await admin.patch('/api/users/second', { role: 'user' }).expect(200)
  const startedAt = performance.now()
  await expect.poll(() => connectionsOf(lab), { interval: 20 }).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(1_000)
  stalled.destroy()
})

/** One person sends many requests at once: the service bounds them, and nobody else notices. */
import { get } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { userId } from '../../src/domain/people/user-id.ts'
import type { FakeCall } from '../support/fake-engine.ts'
import { ask, openGatewayLab, openSocket, upgradeRequest } from '../support/gateway.ts'
import { type Lab, openLab } from '../support/lab.ts'

const body = { template: 'jupyterlab' }
const wait = { prefer: 'wait=20' }

type Asker = { ask(path: string): Promise<number>; leave(): void }

/** A client with a connection for each request, which `leave` closes. It gives the status, and reads no body. */
function asker(url: string, token: string): Asker {
  const leaving = new AbortController()
  const options = { headers: { authorization: `Bearer ${token}` }, agent: false, signal: leaving.signal }
  return {
    ask: (path) =>
      new Promise((resolve, reject) => {
        const request = get(`${url}${path}`, options, (answer) => {
          answer.on('error', () => {}) // given up
          if (answer.statusCode !== 200) answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        request.on('error', reject)
      }),
    leave: () => leaving.abort(),
  }
}

async function listening(lab: Lab): Promise<string> {
  return lab.service.app.listen({ port: 0, host: '127.0.0.1' })
}

function connectionsOf(lab: Lab): Promise<number> {
  return new Promise((resolve) => lab.service.app.server.getConnections((_, count) => resolve(count)))
}

/** Holds up the calls of the engine for which `isMeant` is true, until this is disposed. */
function holdUp(lab: Lab, isMeant: (call: FakeCall) => boolean): Disposable {
  const { promise, resolve } = Promise.withResolvers<void>()
  lab.engine.beforeCall = (call) => (isMeant(call) ? promise : undefined)
  return { [Symbol.dispose]: resolve }
}

// Trouble (cost): one person's many reads of logs, stats and proofs take the service from everybody else
test.each([
  ['logs', 'logs', 8],
  ['logs?follow=true', 'logs', 20],
  ['stats', 'stats', 20],
  ['mounts', 'inspect', 10],
])('the service bounds how often one person asks for %s at once, and answers another', async (what, call, atMost) => {
  await using lab = await openLab()
  const [alice, bob] = [await lab.newUser('alice@lab'), await lab.newUser('bob@lab')]
  const { id } = (await alice.client.post('/api/environments', body).set(wait)).body
  const path = `/api/environments/${id}/${what}`
  const flood = asker(await listening(lab), alice.token)
  using held = holdUp(lab, (each) => each.id === id)
  const before = lab.engine.calls.length
  const refused: number[] = []
  const asked = Array.from({ length: 100 }, () => flood.ask(path).then((status) => refused.push(status)))
  const settled = Promise.allSettled(asked)
  await expect.poll(() => refused.length).toBe(100 - atMost)
  expect(new Set(refused)).toEqual(new Set([429]))
  // Even of the requests that are let in, only a few reach the engine at once.
  expect(lab.engine.calls.slice(before).filter(({ name }) => name === call).length).toBeLessThanOrEqual(4)

  const problem = await alice.client.get(path).expect(429)
  expect(problem.body).toMatchObject({ type: '/problems/too-many-at-once', status: 429 })
  expect(problem.headers['content-type']).toContain('application/problem+json')
  expect(problem.headers['retry-after']).toBe('2')
  await alice.client.get(`/api/environments/${id}`).expect(200)

  const his = (await bob.client.post('/api/environments', body).set(wait).expect(202)).body
  expect(his.status).toBe('running')
  await bob.client.get(`/api/environments/${his.id}/mounts`).expect(200)
  await bob.client.get('/api/environments').expect(200)

  flood.leave()
  await settled
  await expect.poll(() => connectionsOf(lab)).toBe(0)
  held[Symbol.dispose]()
  await expect.poll(async () => (await alice.client.get(path.replace('?follow=true', ''))).status).toBe(200)
  const metrics = await lab.as(lab.adminToken).get('/metrics').expect(200)
  expect(metrics.text).not.toMatch(/^ailab_\w+\{.*internal-error.*\} [1-9]/m)
  await bob.client.get(`/api/environments/${his.id}/logs`).expect(200)
  await bob.client.get(`/api/environments/${his.id}/stats`).expect(200)
})

// Trouble (cost): endless requests for the containers without a record make the engine list them each time
test('many requests at once for the containers without a record share one list of the engine', async () => {
  await using lab = await openLab()
  const flood = asker(await listening(lab), lab.adminToken)
  using held = holdUp(lab, ({ name }) => name === 'list')
  const before = lab.engine.calls.length
  const answers: number[] = []
  const asked = Array.from({ length: 50 }, () => flood.ask('/api/data/orphans').then((each) => answers.push(each)))
  await expect.poll(() => answers.length).toBe(10)
  expect(new Set(answers)).toEqual(new Set([429]))
  // The service itself also lists containers now and then.
  expect(lab.engine.calls.slice(before).filter(({ name }) => name === 'list').length).toBeLessThanOrEqual(4)
  held[Symbol.dispose]()
  await Promise.all(asked)
  expect(answers.filter((status) => status === 200)).toHaveLength(40)
})

// Trouble (cost): somebody at their quota asks for environments without end, and each request makes a proof
test('the service refuses a creation beyond the quota without asking the engine', async () => {
  await using lab = await openLab({ env: { PROOF_INTERVAL: '1h' } })
  const { client } = await lab.newUser('alice@lab')
  const create = () => client.post('/api/environments', body).set(wait)
  for (let count = 0; count < 5; count += 1) await create().expect(202)
  const before = lab.engine.calls.length
  const answers = await Promise.all(Array.from({ length: 20 }, () => create().expect(409)))
  expect(new Set(answers.map((answer) => answer.body.type))).toEqual(new Set(['/problems/quota-reached']))
  expect(lab.engine.calls.slice(before).filter(({ name }) => name === 'look')).toEqual([])
})

// Trouble (cost): the service asks the engine for a hundred containers of an earlier platform at the same instant
test('a look for containers without a record inspects only a few of an earlier platform at once', async () => {
  await using lab = await openLab()
  const owned = Array.from({ length: 100 }, (_, number) => [`jupyter-${number}`, userId.parse('admin')] as const)
  await lab.withRecords((store) => store.recordLegacyOwners(new Map(owned)))
  const inspected = () => lab.engine.calls.filter(({ id }) => id.startsWith('jupyter-')).length
  const held = holdUp(lab, ({ name }) => name === 'inspect')
  const looked = Promise.all([lab.as(lab.adminToken).get('/api/data/orphans').expect(200)])
  await expect.poll(inspected).toBeGreaterThan(0)
  expect(inspected()).toBeLessThanOrEqual(8)
  held[Symbol.dispose]()
  await looked
  expect(inspected()).toBe(100)
})

test('the service bounds how many environments one person follows at once', async () => {
  await using lab = await openLab()
  const { client, token } = await lab.newUser('alice@lab')
  const { id } = (await client.post('/api/environments', body).set(wait)).body
  const path = `/api/environments/${id}/events?follow=true`
  const url = await listening(lab)
  const flood = asker(url, token)
  const opened = await Promise.all(Array.from({ length: 60 }, () => flood.ask(path)))
  expect(opened.filter((status) => status === 200)).toHaveLength(50)
  expect(opened.filter((status) => status === 429)).toHaveLength(10)
  flood.leave()
  const later = asker(url, token)
  await expect.poll(async () => later.ask(path)).toBe(200)
  later.leave()
})

// Trouble (cost): a wait goes on after its client has gone
test('a wait ends at once when its client goes, and one person has a bounded number of waits', async () => {
  await using lab = await openLab()
  const { client, token } = await lab.newUser('alice@lab')
  using _held = holdUp(lab, ({ name }) => name === 'start')
  const { port } = new URL(await listening(lab))
  const again = { 'idempotency-key': 'one-and-the-same' }
  const ask = () => {
    const text = JSON.stringify(body)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /api/environments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
        `prefer: wait=300\r\nidempotency-key: one-and-the-same\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    )
    return socket
  }
  await client.post('/api/environments', body).set(again).expect(202)
  const waiting = Array.from({ length: 20 }, ask)
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy()
  })
  const another = () => client.post('/api/environments', body).set({ ...again, prefer: 'wait=1' })
  await expect.poll(async () => (await another()).status).toBe(429)
  await client.post('/api/environments', body).set(again).expect(202)
  for (const socket of waiting) socket.destroy()
  await expect.poll(async () => (await another()).status, { timeout: 5_000 }).toBe(202)
})

// Trouble (cost): requests without end on one connection take all sockets of the gateway
test('the gateway bounds how many requests one person has under way, and answers another', async () => {
  await using open = await openGatewayLab()
  const other = await open.lab.newUser('other@lab')
  const { id } = (await other.client.post('/api/environments', body).set(wait)).body
  const never = `GET /env/${open.id}/never HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`
  const { socket } = await openSocket(open.port, never.repeat(1_200))
  await expect.poll(() => open.upstream.connections()).toBe(1_000)
  const refused = await open.ask(`/env/${open.id}/x`)
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '2'])
  expect((await ask(open.port, `/env/${id}/x`, { token: other.token })).status).toBe(200)
  socket.destroy()
  await expect.poll(async () => (await open.ask(`/env/${open.id}/x`)).status).toBe(200)
})

const tunnel = 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n'

// Trouble (cost): a client goes, and its requests keep their places at the environment until its token ends
test.each([
  ['CONNECT', tunnel],
  ['an upgrade', upgradeRequest('/', null)],
])('the gateway ends all requests of a connection on which %s comes before their answers', async (_, last) => {
  await using open = await openGatewayLab()
  const never = `GET /env/${open.id}/never HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${open.owner.token}\r\n\r\n`
  const { socket } = await openSocket(open.port, never.repeat(3))
  await expect.poll(() => open.upstream.connections()).toBe(3)
  socket.write(last)
  await expect.poll(() => open.upstream.connections()).toBe(0)
  socket.destroy()
})

// Trouble (cost): a client goes, and its streams keep their places, and the engine's watchers, until its token ends
test('the service ends all streams of a connection on which CONNECT comes before their answers', async () => {
  await using lab = await openLab()
  const { client, token } = await lab.newUser('alice@lab')
  const { id } = (await client.post('/api/environments', body).set(wait)).body
  const url = await listening(lab)
  const path = `/api/environments/${id}/logs?follow=true`
  const follow = (what: string) => `GET ${what} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const first = follow(`/api/environments/${id}/events?follow=true`)
  const { socket } = await openSocket(Number(new URL(url).port), first + follow(path).repeat(20))
  await expect.poll(() => lab.engine.calls.filter(({ name }) => name === 'followLogs')).toHaveLength(20)
  const later = asker(url, token)
  expect(await later.ask(path)).toBe(429)
  socket.write(tunnel)
  await expect.poll(() => later.ask(path)).toBe(200)
  later.leave()
  socket.destroy()
})

// Trouble (cost): endless wrong tokens cost a look into the database each, and nobody tells the client to stop
test('after many wrong tokens from one address the service refuses more of them, but a right token still works', async () => {
  await using lab = await openLab()
  const wrong = lab.as('ailab_wrong')
  for (let count = 0; count < 30; count += 1) await wrong.get('/api/environments').expect(401)
  const { body: problem, headers } = await wrong.get('/api/environments').expect(429)
  expect(problem).toMatchObject({ type: '/problems/too-many-wrong-tokens', detail: expect.stringContaining('stop') })
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60)
  expect(headers).not.toHaveProperty('www-authenticate')
  await lab.as(lab.adminToken).get('/api/environments').expect(200)
  await lab.as().get('/api/environments').expect(401)
  await lab.as('ailab_wrong').get('/api/health').expect(200)
})

// Trouble (cost): somebody tries tokens with GET, and no line of the log has their address
test('the log has the address of each wrong token, whatever the method, and never the token', async () => {
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({ logLevel: 'warn', log: (line) => lines.push(line) })
  await lab.as('ailab_wrong').get('/api/environments/ai-lab-x-234567?a=b').expect(401)
  await lab.as('ailab_wrong').post('/api/tokens', {}).expect(401)
  await lab.as().get('/api/environments').expect(401)
  expect(lines).toMatchObject([
    { msg: 'a token was refused', address: '127.0.0.1', method: 'GET', route: '/api/environments/:id' },
    { msg: 'a token was refused', address: '127.0.0.1', method: 'POST', route: '/api/tokens' },
  ])
  expect(JSON.stringify(lines)).not.toContain('ailab_wrong')
})

test('a browser runs no script of an answer, and at /docs only the scripts of the service', async () => {
  await using lab = await openLab()
  const { headers } = await lab.as(lab.adminToken).get('/api/environments').expect(200)
  expect(headers).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })
  const page = await lab.as().get('/docs/').expect(200)
  expect(page.headers['content-security-policy']).toContain("script-src 'self';")
})

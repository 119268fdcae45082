import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Database, openSqlite } from '../../src/database/open.ts'
import { running } from '../support/become.ts'
import { type Client, type Lab, openLab } from '../support/lab.ts'

test('the first admin token is in a file that only the service can read, and is not written again', async () => {
  await using lab = await openLab()
  const file = join(lab.dataDir, 'admin/first-admin-token')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await lab.restart()
  expect(await readFile(file, 'utf8')).toBe(`${lab.adminToken}\n`)
  expect(lab.service.madeAdmin).toBe(false)
  await lab.as(lab.adminToken).get('/api/environments').expect(200)
})

// Trouble (input): a missing or wrong token
test('the service refuses a request without a token, with a wrong token, or with the token of another user', async () => {
  await using lab = await openLab()
  for (const attempt of [
    lab.as().get('/api/environments'),
    lab.as('ailab_wrong').get('/api/environments'),
    lab.as().get('/api/environments').auth('somebody', lab.adminToken),
    lab.as().get('/api/environments').set('authorization', 'Bearer'),
    lab.as().post('/api/environments', { template: 'jupyterlab' }),
    lab.as().get('/api/users'),
  ]) {
    const { body, headers } = await attempt.expect(401)
    expect(body.type).toBe('/problems/unauthenticated')
    expect(headers['www-authenticate']).toContain('Bearer')
  }
  await lab.as().get('/api/environments').auth('Admin', lab.adminToken).expect(200)
})

// Trouble (input): an expired token
test('the service refuses an expired token', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/tokens', { name: 'short', expires_in_seconds: 1 }).expect(201)
  await lab.as(body.token).get('/api/templates').expect(200)
  await expect.poll(async () => (await lab.as(body.token).get('/api/templates')).status).toBe(401)
})

test('the service refuses a revoked token at once', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const { body } = await client.post('/api/tokens', { name: 'laptop' }).expect(201)
  await lab.as(body.token).get('/api/templates').expect(200)
  await client.delete(`/api/tokens/${body.id}`).expect(204)
  await lab.as(body.token).get('/api/templates').expect(401)
})

test('the service shows the secret of a token once, and stores it nowhere', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/tokens', { name: 'ci', role: 'admin' }).expect(201)
  expect(body.token).toMatch(/^ailab_[\w-]{43}$/)
  const { text } = await admin.get('/api/tokens').expect(200)
  expect(text).not.toContain(body.token)
  expect(text).not.toContain('hash')
  await lab.close()
  const database = await readFile(join(lab.dataDir, 'admin/ai-lab.db'), 'latin1')
  expect(database).not.toContain(body.token)
})

test('a user cannot get rights that they do not have', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  await lab.newUser('bob@lab')
  await client.post('/api/tokens', { name: 'x', role: 'admin' }).expect(403)
  await client.post('/api/tokens', { name: 'x', user_id: 'bob@lab' }).expect(403)
  await client.get('/api/tokens?user_id=bob@lab').expect(403)
  await client.get('/api/users').expect(403)
  await client.post('/api/users', { id: 'eve' }).expect(403)
  await client.patch('/api/users/alice@lab', { tier: 'enterprise' }).expect(403)
  const bobs = await lab.as(lab.adminToken).get('/api/tokens?user_id=bob@lab').expect(200)
  await client.delete(`/api/tokens/${bobs.body.items[0].id}`).expect(404)
})

test("an administrator's token with the role user has a user's rights", async () => {
  await using lab = await openLab()
  const { body } = await lab.as(lab.adminToken).post('/api/tokens', { name: 'modest', role: 'user' }).expect(201)
  await lab.as(body.token).get('/api/templates').expect(200)
  await lab.as(body.token).get('/api/users').expect(403)
  await lab.as(body.token).post('/api/tokens', { name: 'more', role: 'admin' }).expect(403)
})

test("a token loses its administrator's rights when its owner does", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body } = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  await lab.as(body.token).get('/api/users').expect(200)
  await admin.patch('/api/users/second', { role: 'user' }).expect(200)
  await lab.as(body.token).get('/api/users').expect(403)
})

test('users come in pages', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  for (const id of ['c', 'a', 'b']) await admin.post('/api/users', { id }).expect(201)
  const first = await admin.get('/api/users?limit=3').expect(200)
  expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(['a', 'admin', 'b'])
  const second = await admin.get(`/api/users?limit=3&cursor=${first.body.next_cursor}`).expect(200)
  expect(second.body).toMatchObject({ items: [{ id: 'c' }], next_cursor: null })
})

// Trouble (input): the last administrator takes away their own role
test('the last administrator cannot be demoted or disabled', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.patch('/api/users/admin', { role: 'user' }).expect(409)
  expect(body.detail).toBe('admin is the last administrator. Make another one first.')
  await admin.patch('/api/users/admin', { disabled: true }).expect(409)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  await fullToken(lab, 'second')
  await admin.patch('/api/users/admin', { role: 'user' }).expect(200)
})

// Trouble (input): other users of the machine read the database
test('only the service can read the database', async () => {
  await using lab = await openLab()
  for (const file of ['ai-lab.db', 'ai-lab.db-wal']) {
    expect((await stat(join(lab.dataDir, 'admin', file))).mode & 0o777).toBe(0o600)
  }
})

/** Makes a full token of an administrator, which never expires. */
async function fullToken(lab: Lab, userId: string): Promise<string> {
  const request = { name: 'full', user_id: userId, role: 'admin' }
  return (await lab.as(lab.adminToken).post('/api/tokens', request).expect(201)).body.token
}

async function secondAdmin(lab: Lab): Promise<Client> {
  await lab.as(lab.adminToken).post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  return lab.as(await fullToken(lab, 'second'))
}

// Trouble (authority): an administrator who was removed is back after a restart, with a new token that can do everything
test('the first administrator stays removed after a restart', async () => {
  await using lab = await openLab()
  const second = await secondAdmin(lab)
  await second.delete('/api/users/admin').expect(204)
  await lab.restart()
  expect(lab.service.madeAdmin).toBe(false)
  await second.get('/api/users/admin').expect(404)
  expect(await readFile(join(lab.dataDir, 'admin/first-admin-token'), 'utf8')).toBe(`${lab.adminToken}\n`)
})

async function namesOf(client: Client, query = ''): Promise<string[]> {
  const { body } = await client.get(`/api/tokens${query}`).expect(200)
  return body.items.map(({ name }: { name: string }) => name)
}

// Trouble (authority): a leaked user token revokes the admin tokens of its owner, and locks the lab out
test('a weak token neither sees nor revokes a stronger one of the same person', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const leaked = lab.as((await admin.post('/api/tokens', { name: 'notebook' }).expect(201)).body.token)
  const first = (await admin.get('/api/tokens').expect(200)).body.items[0]
  expect(await namesOf(admin)).toEqual(['first admin token', 'notebook'])
  expect(await namesOf(leaked)).toEqual(['notebook'])
  const { body } = await leaked.delete(`/api/tokens/${first.id}`).expect(404)
  expect(body.type).toBe('/problems/token-not-found')
  await admin.get('/api/users').expect(200)
})

// Trouble (authority): a token that expires makes a token that never does
test('a token that expires cannot make, see or revoke a token that lives longer', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const asked = { name: 'short', role: 'admin', expires_in_seconds: 600 }
  const made = await admin.post('/api/tokens', asked).expect(201)
  const short = lab.as(made.body.token)
  const { body } = await short.post('/api/tokens', { name: 'for ever' }).expect(403)
  expect(body.detail).toContain('Give expires_in_seconds')
  await short.post('/api/tokens', { name: 'longer', expires_in_seconds: 700 }).expect(403)
  await short.post('/api/tokens', { name: 'shorter', expires_in_seconds: 500 }).expect(201)
  await short.post('/api/tokens', { ...asked, name: 'x', user_id: 'nobody' }).expect(404)
  expect(await namesOf(short)).toEqual(['short', 'shorter'])
  await short.delete(`/api/tokens/${made.body.id}`).expect(204)
  await short.get('/api/templates').expect(401)
})

test('a token of one scope revokes itself by the API', async () => {
  await using lab = await openLab()
  const made = await lab
    .as(lab.adminToken)
    .post('/api/tokens', { name: 'prometheus', role: 'admin', scopes: ['metrics'] })
  const narrowed = lab.as(made.body.token)
  await narrowed.get('/api/tokens').expect(403)
  await narrowed.delete(`/api/tokens/${made.body.id}`).expect(204)
  await narrowed.get('/metrics').expect(401)
})

test('nobody can revoke the last full token that never expires of the last administrator', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const [{ id }] = (await admin.get('/api/tokens').expect(200)).body.items
  await admin.post('/api/tokens', { name: 'expires', role: 'admin', expires_in_seconds: 600 }).expect(201)
  await admin.post('/api/tokens', { name: 'narrowed', role: 'admin', scopes: ['admin', 'tokens'] }).expect(201)
  await admin.post('/api/tokens', { name: 'weak' }).expect(201)
  const { body } = await admin.delete(`/api/tokens/${id}`).expect(409)
  expect(body.type).toBe('/problems/last-credential')
  const another = lab.as(await fullToken(lab, 'admin'))
  await admin.delete(`/api/tokens/${id}`).expect(204)
  await admin.get('/api/users').expect(401)
  await another.get('/api/users').expect(200)
})

test('an administrator is neither demoted nor disabled while no other administrator has a full token', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  for (const change of [{ role: 'user' }, { disabled: true }]) {
    const { body } = await admin.patch('/api/users/admin', change).expect(409)
    expect(body.type).toBe('/problems/last-credential')
  }
  await admin.get('/api/users').expect(200)
})

// Trouble (authority): two demotions at one instant leave no administrator
test('when two administrators demote each other at the same instant, one of them stays', async () => {
  for (const change of [{ role: 'user' }, { disabled: true }]) {
    await using lab = await openLab()
    const [admin, second] = [lab.as(lab.adminToken), await secondAdmin(lab)]
    const answers = await Promise.all([
      admin.patch('/api/users/second', change),
      second.patch('/api/users/admin', change),
      admin.patch('/api/users/admin', change),
      second.patch('/api/users/second', change),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const left = await Promise.all([admin, second].map(async (client) => (await client.get('/api/users')).status))
    expect(left.filter((status) => status === 200)).toHaveLength(1)
  }
})

// Trouble (authority): the last two credentials are revoked at one instant
test('when two full tokens revoke each other at the same instant, one of them stays', async () => {
  await using lab = await openLab()
  const clients = [lab.as(lab.adminToken), lab.as(await fullToken(lab, 'admin'))] as const
  const [one, other] = (await clients[0].get('/api/tokens').expect(200)).body.items
  const answers = await Promise.all([
    clients[0].delete(`/api/tokens/${one.id}`),
    clients[1].delete(`/api/tokens/${other.id}`),
  ])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409])
  expect(
    (await Promise.all(clients.map((client) => client.get('/api/users')))).map(({ status }) => status).toSorted(),
  ).toEqual([200, 401])
})

// Trouble (authority): a token is made at the instant at which its maker loses the rights
test("a token that is made at the instant of a demotion has only a user's rights", async () => {
  await using lab = await openLab()
  const [admin, second] = [lab.as(lab.adminToken), await secondAdmin(lab)]
  const [, , made] = await Promise.all([
    admin.patch('/api/users/second', { role: 'user' }).expect(200),
    second.post('/api/users', { id: 'accomplice', role: 'admin' }),
    second.post('/api/tokens', { name: 'x', role: 'admin' }),
  ])
  await admin.patch('/api/users/second', { role: 'admin' }).expect(200)
  if (made.status === 201) await lab.as(made.body.token).get('/api/users').expect(403)
  await second.get('/api/users').expect(403) // a later promotion brings no old token back to life
})

// Trouble (authority): a request with a slow body is served although its token was revoked meanwhile
test('the service refuses a request whose body arrives after its token was revoked', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { token } = await lab.newUser('alice@lab')
  await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = lab.service.app.server.address() as AddressInfo
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const request = httpRequest({ port, path: '/api/tokens', method: 'POST', headers })
  const answered = once(request, 'response')
  request.write('{"name":')
  await expect.poll(async () => lastUsed(admin, 'alice@lab')).not.toBeNull()
  const [{ id }] = (await admin.get('/api/tokens?user_id=alice@lab').expect(200)).body.items
  await admin.delete(`/api/tokens/${id}`).expect(204)
  request.end('"x"}')
  const [{ statusCode }] = await answered
  expect(statusCode).toBe(401)
})

// Trouble (authority): a request with a slow body is served with the rights of an administrator who was demoted meanwhile
test("the service refuses an administrator's request whose body arrives after the demotion", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const { body: second } = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  await lab.service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = lab.service.app.server.address() as AddressInfo
  const headers = { authorization: `Bearer ${second.token}`, 'content-type': 'application/json' }
  const request = httpRequest({ port, path: '/api/data/orphans/none/adopt', method: 'POST', headers })
  const answered = once(request, 'response')
  request.write('{"user_id":')
  await expect.poll(async () => lastUsed(admin, 'second')).not.toBeNull()
  await admin.patch('/api/users/second', { role: 'user' }).expect(200)
  request.end('"second"}')
  const [{ statusCode }] = await answered
  expect(statusCode).toBe(403)
})

async function lastUsed(admin: Client, userId: string): Promise<string | null> {
  return (await admin.get(`/api/tokens?user_id=${userId}`).expect(200)).body.items[0].last_used
}

test('a person has 100 tokens at most; expired tokens do not count, and are removed', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  await client.post('/api/tokens', { name: 'short', expires_in_seconds: 600 }).expect(201)
  const make = () => client.post('/api/tokens', { name: 'x' })
  const answers = await Promise.all(Array.from({ length: 110 }, make))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(98)
  const refused = answers.find(({ status }) => status !== 201)
  expect(refused?.body).toMatchObject({ type: '/problems/too-many-tokens', status: 409 })
  await withDatabase(lab, (db) => db.updateTable('tokens').set({ expires_at: 1 }).where('name', '=', 'short').execute())
  await make().expect(201)
  await make().expect(409)
  expect(
    await withDatabase(lab, (db) => db.selectFrom('tokens').select('id').where('name', '=', 'short').execute()),
  ).toEqual([])
})

async function withDatabase<T>(lab: Lab, work: (db: Database['db']) => Promise<T>): Promise<T> {
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  return await work(database.db)
}

test('tokens come in pages, and show when they were last used', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  for (const name of ['a', 'b', 'c']) await client.post('/api/tokens', { name }).expect(201)
  const first = await client.get('/api/tokens?limit=3').expect(200)
  expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['test', 'a', 'b'])
  const second = await client.get(`/api/tokens?limit=3&cursor=${first.body.next_cursor}`).expect(200)
  expect(second.body).toMatchObject({ items: [{ name: 'c', last_used: null }], next_cursor: null })
  expect(Date.parse(first.body.items[0].last_used)).toBeGreaterThan(Date.now() - 60_000)
  await client.get('/api/tokens?cursor=x').expect(400)
})

test('scopes narrow what a token may do, and are listed with it', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser('alice@lab')
  const id = await running(client)
  const narrowed = async (by: Client, scopes: string[], role = 'user') =>
    lab.as((await by.post('/api/tokens', { name: scopes.join(), scopes, role }).expect(201)).body.token)
  const reads = await narrowed(client, ['environments:read'])
  await reads.get(`/api/environments/${id}`).expect(200)
  const { body } = await reads.post(`/api/environments/${id}/stop`).expect(403)
  expect(body.detail).toBe('This token is narrowed: it needs the scope environments:write for this.')
  await reads.post('/api/environments', { template: 'jupyterlab' }).expect(403)
  await reads.delete(`/api/environments/${id}`).expect(403)
  await reads.get('/api/tokens').expect(403)
  const scrapes = await narrowed(admin, ['metrics'], 'admin')
  await scrapes.get('/metrics').expect(200)
  await scrapes.get('/api/users').expect(403)
  await scrapes.get('/api/environments').expect(403)
  await scrapes.get(`/api/environments/${id}`).expect(403)
  expect(await namesOf(client)).toEqual(['test', 'environments:read'])
  await client.post('/api/tokens', { name: 'x', scopes: ['everything'] }).expect(400)
  await client.post('/api/tokens', { name: 'x', scopes: [] }).expect(400)
  const operator = await narrowed(admin, ['environments', 'tokens'], 'admin')
  await operator.post('/api/tokens', { name: 'wider' }).expect(403)
  await operator.post('/api/tokens', { name: 'fine', scopes: ['environments:read'] }).expect(201)
  const seen = await operator.get(`/api/environments/${id}`).expect(200)
  expect(seen.body.mounts[0]).not.toHaveProperty('source')
})

// Trouble (cost): a token has a megabyte of scopes, which each of its requests reads
test('the service refuses a token with more scopes than exist', async () => {
  await using lab = await openLab()
  const scopes = Array.from({ length: 2_000 }, () => 'tokens')
  await lab.as(lab.adminToken).post('/api/tokens', { name: 'x', scopes }).expect(400)
})

// Trouble (authority): whoever has the link of an environment has the notebook
test("no answer of the API has the secret of an environment's server", async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const id = await running(client)
  const secret = lab.engine.specOf(id)?.env.JUPYTER_TOKEN ?? 'none'
  expect(await lab.recordedSecret(id)).toBe(secret)
  for (const asker of [client, lab.as(lab.adminToken)]) {
    for (const path of ['', `/${id}`, `/${id}/mounts`, `/${id}/logs`]) {
      expect((await asker.get(`/api/environments${path}`).expect(200)).text).not.toContain(secret)
    }
  }
})

test('the tokens of a disabled person stop working until the person is enabled, and their environments go on', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser('alice@lab')
  const id = await running(client)
  const { body } = await admin.patch('/api/users/alice@lab', { disabled: true }).expect(200)
  expect(body).toMatchObject({ id: 'alice@lab', disabled: true })
  await client.get('/api/environments').expect(401)
  expect((await admin.get(`/api/environments/${id}`).expect(200)).body.status).toBe('running')
  await admin.patch('/api/users/alice@lab', { disabled: false }).expect(200)
  await client.get('/api/environments').expect(200)
})

// Trouble (authority): a tier is lowered while a creation that it allowed is under way
test('the service refuses a creation if the tier that allowed it was lowered meanwhile', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser('alice@lab', 'premium')
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: proving, resolve: proves } = Promise.withResolvers<void>()
  lab.engine.beforeCall = ({ name }) => {
    if (name !== 'look') return undefined
    proves()
    return released
  }
  const creating = client.post('/api/environments', { template: 'jupyterlab' }).then((answer) => answer)
  await proving
  await admin.patch('/api/users/alice@lab', { tier: 'default' }).expect(200)
  release()
  const { status, body } = await creating
  expect([status, body.type]).toEqual([409, '/problems/wrong-state'])
})

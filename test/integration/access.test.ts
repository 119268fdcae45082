import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.ts'

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
test('without a token, with a wrong one, and with one that is not of that user', async () => {
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
test('an expired token is as good as none', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.post('/api/tokens', { name: 'short', expires_in_seconds: 1 }).expect(201)
  await lab.as(body.token).get('/api/templates').expect(200)
  await expect.poll(async () => (await lab.as(body.token).get('/api/templates')).status).toBe(401)
})

test('a revoked token is as good as none, at once', async () => {
  await using lab = await openLab()
  const { client } = await lab.newUser('alice@lab')
  const { body } = await client.post('/api/tokens', { name: 'laptop' }).expect(201)
  await lab.as(body.token).get('/api/templates').expect(200)
  await client.delete(`/api/tokens/${body.id}`).expect(204)
  await lab.as(body.token).get('/api/templates').expect(401)
})

test('the secret of a token is shown once and kept nowhere', async () => {
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

test('a user cannot rise above themselves', async () => {
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

test('a token loses its rights with its owner', async () => {
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
test('the last administrator stays one', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { body } = await admin.patch('/api/users/admin', { role: 'user' }).expect(409)
  expect(body.detail).toBe('admin is the last administrator. Make another one first.')
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  await admin.patch('/api/users/admin', { role: 'user' }).expect(200)
})

// Trouble (input): the database is read by others on the machine
test('the database is for the service alone', async () => {
  await using lab = await openLab()
  for (const file of ['ai-lab.db', 'ai-lab.db-wal']) {
    expect((await stat(join(lab.dataDir, 'admin', file))).mode & 0o777).toBe(0o600)
  }
})

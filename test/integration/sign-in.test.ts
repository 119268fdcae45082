import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { hashPassword } from '../../src/lib/argon2.ts'
import type { AccountStore } from '../../src/ports/account-store.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { cookieOf, givePassword, newPerson, ownPage, password, signIn } from '../support/sign-in.ts'

async function withAccounts<T>(lab: Lab, work: (accounts: AccountStore) => Promise<T>): Promise<T> {
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  return await work(createAccountStore(database))
}

test('a person signs in with a password, sees who they are, and signs out', async () => {
  await using lab = await openLab()
  const { token } = await lab.newUser('alice@lab', 'premium')
  await givePassword(lab, token, 'alice@lab')
  const answer = await lab.as().post('/api/session', { user_id: 'Alice@lab', password }).expect(200)
  const me = { user_id: 'alice@lab', role: 'user', tier: 'premium', credential: 'session', scopes: null }
  expect(answer.body).toEqual({ ...me, expires: expect.any(String) })
  expect(Date.parse(answer.body.expires) - Date.now()).toBeCloseTo(7 * 86_400_000, -5)
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' })
  const browser = lab.as({ ...ownPage, cookie: cookieOf(answer.headers) })
  expect((await browser.get('/api/me').expect(200)).body).toMatchObject(me)
  await browser.get('/api/environments').expect(200)
  await browser.get('/api/users').expect(403)
  const out = await browser.delete('/api/session').expect(204)
  expect(out.headers['set-cookie']).toEqual(['ai-lab-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'])
  await browser.get('/api/me').expect(401)
})

test('a page of the service follows the events of its visitor with the cookie alone, as EventSource does', async () => {
  await using lab = await openLab({ images: ['ai-lab/jupyterlab:latest'] })
  const { cookie } = await newPerson(lab, 'alice@lab')
  const browser = lab.as({ ...ownPage, cookie })
  const { body } = await browser.post('/api/environments', { template: 'jupyterlab' }).expect(202)
  const { text } = await browser.get(`/api/environments/${body.id}/events`).expect(200)
  expect(text).toMatch(/event: ended\ndata: \{"status":"running"\}\n\n$/)
})

test('a token tells what it is too, and has no session to end', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const asked = { name: 'x', role: 'admin', scopes: ['metrics'], expires_in_seconds: 600 }
  const { body } = await admin.post('/api/tokens', asked).expect(201)
  const me = { user_id: 'admin', role: 'admin', credential: 'token', scopes: ['metrics'], expires: body.expires }
  expect((await lab.as(body.token).get('/api/me').expect(200)).body).toMatchObject(me)
  expect((await admin.get('/api/me').expect(200)).body).toMatchObject({ scopes: null, expires: null })
  await admin.delete('/api/session').expect(404)
})

// Trouble (authority): the answer of a sign-in tells whether there is such an account
test('a wrong password, an unknown account, a disabled one and one without a password get the same answer', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  for (const id of ['alice', 'disabled']) await newPerson(lab, id)
  await lab.newUser('none')
  await admin.patch('/api/users/disabled', { disabled: true }).expect(200)
  const answers = []
  for (const [user_id, tried] of [
    ['alice', `${password}!`],
    ['unknown', password],
    ['disabled', password],
    ['none', password],
    ['none', ''],
  ]) {
    const { body, headers } = await lab.as().post('/api/session', { user_id, password: tried }).expect(401)
    expect(headers).not.toHaveProperty('set-cookie')
    answers.push({ ...body, request_id: '' })
  }
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1)
  expect(answers[0]).toMatchObject({ type: '/problems/sign-in-failed' })
})

test('a failed sign-in is logged once, with neither the password nor a user id that does not exist', async () => {
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({ logLevel: 'debug', log: (line) => lines.push(line) })
  const { cookie } = await newPerson(lab, 'alice')
  await lab
    .as({ ...ownPage, cookie })
    .get('/api/me')
    .expect(200)
  await lab.as().post('/api/session', { user_id: 'alice', password: 'hunter2' }).expect(401)
  await lab.as().post('/api/session', { user_id: 'my.secret', password: 'hunter2' }).expect(401)
  const failed = lines.filter(({ msg }) => msg === 'a sign-in failed')
  expect(failed.map(({ user }) => user)).toEqual(['alice', null])
  const text = JSON.stringify(lines)
  for (const secret of ['hunter2', 'my.secret', password, cookie.split('=')[1] ?? ''])
    expect(text).not.toContain(secret)
})

test('after 10 wrong passwords even the right one has to wait, but not from another address', async () => {
  await using lab = await openLab({ env: { TRUST_PROXY: '127.0.0.1,::ffff:127.0.0.1' } })
  await newPerson(lab, 'alice')
  const from = (address: string) => lab.as({ 'x-forwarded-for': address })
  const wrong = { user_id: 'alice', password: 'wrong wrong wrong' }
  const answers = await Promise.all(Array.from({ length: 12 }, () => from('192.0.2.1').post('/api/session', wrong)))
  expect(answers.map(({ status }) => status).filter((status) => status === 401)).toHaveLength(10)
  const { body, headers } = await from('192.0.2.1').post('/api/session', { user_id: 'alice', password }).expect(429)
  expect(body.type).toBe('/problems/too-many-sign-ins')
  expect(Number(headers['retry-after'])).toBeGreaterThan(800)
  await from('192.0.2.2').post('/api/session', { user_id: 'alice', password }).expect(200)
})

test('a hash of an earlier cost is renewed at the next sign-in', async () => {
  await using lab = await openLab()
  await lab.newUser('alice')
  const alice = userId.parse('alice')
  const old = await hashPassword(password, { memoryKiB: 8_192, passes: 1, lanes: 1 })
  await withAccounts(lab, (accounts) => accounts.setPasswordHash(alice, old, 1))
  await signIn(lab, 'alice')
  const renewed = await withAccounts(lab, (accounts) => accounts.passwordHash(alice))
  expect(renewed).toContain('$m=19456,t=2,p=1$')
  await signIn(lab, 'alice')
  expect(await withAccounts(lab, (accounts) => accounts.passwordHash(alice))).toBe(renewed)
})

// Trouble (authority): two people share a browser, and a page that the first left open acts with the session of the second
test('a session does nothing for a page that names another person', async () => {
  await using lab = await openLab()
  const [alice, bob] = [await newPerson(lab, 'alice'), await newPerson(lab, 'bob')]
  const ofAlicesPage = { 'sec-fetch-site': 'same-origin', 'ai-lab-person': 'alice' }
  await lab
    .as({ ...ofAlicesPage, cookie: alice.cookie })
    .post('/api/tokens', { name: 'x' })
    .expect(201)
  const ofBob = async () => (await lab.as({ cookie: bob.cookie }).get('/api/tokens').expect(200)).body.items.length
  const before = await ofBob()
  for (const method of ['get', 'post'] as const) {
    const { body } = await lab
      .as({ ...ofAlicesPage, cookie: bob.cookie })
      [method]('/api/tokens', { name: 'x' })
      .expect(403)
    expect(body).toMatchObject({ type: '/problems/another-person' })
  }
  expect(await ofBob()).toBe(before)
  const program = { authorization: `Bearer ${bob.token}`, 'ai-lab-person': 'alice' }
  await lab.as(program).get('/api/me').expect(200)
})

// Trouble (authority): a page of a notebook calls the service with the cookie of its visitor
test('a session counts only in requests of the own pages; a token comes before a cookie', async () => {
  await using lab = await openLab()
  const { cookie, token } = await newPerson(lab, 'alice')
  const post = (headers: Record<string, string>) => lab.as({ cookie, ...headers }).post('/api/tokens', { name: 'x' })
  const { body } = await post({}).expect(403)
  expect(body).toMatchObject({ type: '/problems/of-another-origin' })
  await post({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:5556' }).expect(403)
  await post({ origin: 'null' }).expect(403)
  await post({ origin: 'http://localhost:5555' }).expect(201)
  await post({ 'sec-fetch-site': 'same-origin' }).expect(201)
  await lab.as({ cookie, 'sec-fetch-site': 'cross-site' }).get('/api/me').expect(403)
  await lab.as({ cookie }).get('/api/me').expect(200)
  const elsewhere = { cookie, 'sec-fetch-site': 'cross-site' }
  await lab
    .as({ ...elsewhere, authorization: `Bearer ${token}` })
    .post('/api/tokens', { name: 'x' })
    .expect(201)
  await lab
    .as({ ...ownPage, cookie, authorization: 'Bearer wrong' })
    .get('/api/me')
    .expect(401)
  await lab.as({ 'sec-fetch-site': 'cross-site' }).post('/api/session', { user_id: 'alice', password }).expect(403)
})

test('the secret of a session is no token, and one of a token no session', async () => {
  await using lab = await openLab()
  const { cookie, token } = await newPerson(lab, 'alice')
  await lab.as(cookie.split('=')[1]).get('/api/me').expect(401)
  await lab
    .as({ ...ownPage, cookie: `ai-lab-session=${token}` })
    .get('/api/me')
    .expect(401)
})

test('on https the cookie has a name of its own, and that of http does not count', async () => {
  await using lab = await openLab({ env: { PUBLIC_URL: 'https://lab.example.org' } })
  const { cookie, client } = await newPerson(lab, 'alice')
  expect(cookie).toMatch(/^__Host-ai-lab-session=[\w-]{43}$/)
  await client.get('/api/me').expect(200)
  await lab
    .as({ ...ownPage, cookie: cookie.replace('__Host-', '') })
    .get('/api/me')
    .expect(401)
})

test("sessions are listed and ended: one's own, and anybody's by an administrator", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client, token } = await newPerson(lab, 'alice')
  const other = await signIn(lab, 'alice')
  await newPerson(lab, 'bob')
  const { body } = await client.get('/api/sessions?limit=1').expect(200)
  expect(body.items).toEqual([
    expect.objectContaining({ user_id: 'alice', current: true, address: expect.any(String) }),
  ])
  const next = await client.get(`/api/sessions?cursor=${body.next_cursor}`).expect(200)
  expect(next.body).toMatchObject({ items: [{ current: false }], next_cursor: null })
  expect(JSON.stringify(next.body)).not.toContain('hash')
  await client.get('/api/sessions?user_id=bob').expect(403)
  const bobs = (await admin.get('/api/sessions?user_id=bob').expect(200)).body.items[0].id
  await client.delete(`/api/sessions/${bobs}`).expect(404)
  await client.delete(`/api/sessions/${next.body.items[0].id}`).expect(204)
  await other.client.get('/api/me').expect(401)
  expect((await lab.as(token).get('/api/sessions').expect(200)).body.items).toHaveLength(1)
  await admin.delete(`/api/sessions/${bobs}`).expect(204)
  expect((await admin.get('/api/sessions?user_id=bob').expect(200)).body.items).toEqual([])
})

// Trouble (authority): a leaked token of a notebook sets the password of its owner, or signs them out
test('a token that is narrowed, ends, or has a lower role neither sets a password nor sees or ends a session', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await givePassword(lab, lab.adminToken, 'admin')
  const { client } = await signIn(lab, 'admin')
  const { id } = (await client.get('/api/sessions').expect(200)).body.items[0]
  for (const rights of [
    { role: 'admin', scopes: ['admin', 'tokens'] },
    { role: 'admin', expires_in_seconds: 600 },
    { role: 'user' },
  ]) {
    const weak = lab.as((await admin.post('/api/tokens', { name: 'x', ...rights }).expect(201)).body.token)
    const request = { password: 'another password', current_password: password }
    await weak.put('/api/users/admin/password', request).expect(403)
    const seen = await weak.get('/api/sessions')
    expect(seen.body.items ?? []).toEqual([])
    await weak.delete(`/api/sessions/${id}`).expect(404)
  }
  await client.get('/api/me').expect(200)
})

test('a session makes and revokes tokens as its owner may', async () => {
  await using lab = await openLab()
  await givePassword(lab, lab.adminToken, 'admin')
  const { client } = await signIn(lab, 'admin')
  const { body } = await client.post('/api/tokens', { name: 'lasting', role: 'admin' }).expect(201)
  await lab.as(body.token).get('/api/users').expect(200)
  await client.delete(`/api/tokens/${body.id}`).expect(204)
})

test('a password is changed with the present one, by an administrator without, and other sessions end', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await newPerson(lab, 'alice')
  const other = await signIn(lab, 'alice')
  await newPerson(lab, 'bob')
  const path = '/api/users/alice/password'
  const changed = 'another password'
  await client.put(path, { password: changed }).expect(403)
  await client.put(path, { password: changed, current_password: 'wrong wrong wrong' }).expect(403)
  await client.put('/api/users/bob/password', { password: changed, current_password: password }).expect(403)
  const { body } = await client.put(path, { password: 'short', current_password: password }).expect(400)
  expect(body.errors).toEqual([{ pointer: '/password', detail: expect.stringContaining('12 to 1024') }])
  await other.client.get('/api/me').expect(200)
  await client.put(path, { password: changed, current_password: password }).expect(204)
  await other.client.get('/api/me').expect(401)
  await client.get('/api/me').expect(200)
  await lab.as().post('/api/session', { user_id: 'alice', password }).expect(401)
  await lab.as().post('/api/session', { user_id: 'alice', password: changed }).expect(200)
  await admin.put(path, { password }).expect(204)
  await client.get('/api/me').expect(401)
  await signIn(lab, 'alice')
  await admin.put('/api/users/nobody/password', { password }).expect(404)
})

// Trouble (authority): a stolen session guesses the password until it can change it
test('wrong present passwords are bounded as sign-ins are', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const request = { password: 'another password', current_password: 'wrong wrong wrong' }
  for (let at = 0; at < 10; at += 1) await client.put('/api/users/alice/password', request).expect(403)
  await client.put('/api/users/alice/password', request).expect(429)
})

test('a disabled person is signed out, for good', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await newPerson(lab, 'alice')
  await admin.patch('/api/users/alice', { disabled: true }).expect(200)
  await client.get('/api/me').expect(401)
  await admin.patch('/api/users/alice', { disabled: false }).expect(200)
  await client.get('/api/me').expect(401)
  await signIn(lab, 'alice')
})

test("a session has its owner's role of this moment", async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await newPerson(lab, 'alice')
  await client.get('/api/users').expect(403)
  await admin.patch('/api/users/alice', { role: 'admin' }).expect(200)
  await client.get('/api/users').expect(200)
  await admin.patch('/api/users/alice', { role: 'user' }).expect(200)
  await client.get('/api/users').expect(403)
})

test('a person has 100 sessions at most: the oldest ends; ended ones are removed', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const alice = userId.parse('alice')
  const day = 86_400_000
  await withAccounts(lab, async (accounts) => {
    const [first] = await accounts.sessions(alice, 0)
    if (!first) throw new Error('no session')
    const copy = (at: number, changes: object) =>
      accounts.addSession({ ...first, id: `s${at}`, secretHash: `h${at}`, ...changes })
    for (let at = 0; at < 99; at += 1) await copy(at, { createdAt: Date.now() - day })
    for (let at = 100; at < 105; at += 1) await copy(at, { createdAt: 0, expiresAt: 1 })
  })
  await signIn(lab, 'alice')
  await client.get('/api/me').expect(200)
  const ids = await withAccounts(lab, async (accounts) => (await accounts.sessions(alice, 0)).map(({ id }) => id))
  expect(ids).toHaveLength(100)
  expect(ids.filter((id) => /^s(0|10.)$/.test(id))).toHaveLength(0)
})

// Trouble (authority): a session outlives its browser's next sign-in, and nobody has its cookie any more to end it
test("a sign-in ends the session that the browser had before, even another person's", async () => {
  await using lab = await openLab()
  const alice = await newPerson(lab, 'alice')
  const elsewhere = await signIn(lab, 'alice')
  const again = await signIn(lab, 'alice', alice.cookie)
  await alice.client.get('/api/me').expect(401)
  const bob = await newPerson(lab, 'bob')
  const { client } = await signIn(lab, 'bob', again.cookie)
  expect((await client.get('/api/me').expect(200)).body.user_id).toBe('bob')
  await again.client.get('/api/me').expect(401)
  for (const browser of [elsewhere, bob]) await browser.client.get('/api/me').expect(200)
  const { items } = (await lab.as(lab.adminToken).get('/api/sessions?user_id=alice').expect(200)).body
  expect(items).toHaveLength(1)
})

test('a sign-in that fails ends no session', async () => {
  await using lab = await openLab()
  const { client, cookie } = await newPerson(lab, 'alice')
  const browser = lab.as({ ...ownPage, cookie })
  await browser.post('/api/session', { user_id: 'alice', password: 'wrong wrong wrong' }).expect(401)
  await client.get('/api/me').expect(200)
})

// Two answers are under way, and only the browser knows which cookie comes last: each must work.
test('of two sign-ins of one browser that cross, both work, and the session before them ends', async () => {
  await using lab = await openLab()
  const { client, cookie } = await newPerson(lab, 'alice')
  const both = await Promise.all([signIn(lab, 'alice', cookie), signIn(lab, 'alice', cookie)])
  await client.get('/api/me').expect(401)
  for (const each of both) await each.client.get('/api/me').expect(200)
})

test('a session that is used lives on', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const ends = async () => Date.parse((await client.get('/api/me').expect(200)).body.expires)
  await withAccounts(lab, async (accounts) => {
    const [{ id } = { id: '' }] = await accounts.sessions(userId.parse('alice'), 0)
    const lastUsedAt = Date.now() - 86_400_000
    await accounts.recordSessionUse(id, { lastUsedAt, expiresAt: Date.now() + 1_000_000 })
  })
  await expect.poll(ends).toBeGreaterThan(Date.now() + 6 * 86_400_000)
})

test('an administrator sees the paths of the machine with a session too', async () => {
  await using lab = await openLab({
    realPath: (path) => path.replace('/srv/misspelt', '/nonexistent'),
    env: { HOST_DATA_PATH: '/srv/misspelt' },
  })
  await givePassword(lab, lab.adminToken, 'admin')
  const { client, cookie } = await signIn(lab, 'admin')
  expect((await client.get('/api/health').expect(503)).text).toContain('/srv/misspelt')
  const elsewhere = await lab.as({ cookie, 'sec-fetch-site': 'cross-site' }).get('/api/health').expect(503)
  expect(elsewhere.text).not.toContain('/srv/misspelt')
})

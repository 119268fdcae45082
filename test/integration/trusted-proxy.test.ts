// The word of a reverse proxy about who a person is.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createVouched } from '../../src/accounts/vouched.ts'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createBrowser } from '../support/browser.ts'
import { openGatewayLab } from '../support/gateway.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { openTestProvider } from '../support/openid-provider.ts'
import { newPerson, ownPage, password } from '../support/sign-in.ts'

const env = { TRUST_PROXY: '127.0.0.1', TRUSTED_USER_HEADER: 'X-Forwarded-Email' }
const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const by = (lab: Lab, name: string, headers: Record<string, string> = ownPage) =>
  lab.as({ 'x-forwarded-email': name, ...headers })

test('a person whom the proxy names has an account from then on, and one session, whatever the number of requests', async () => {
  await using lab = await openLab({ env })
  const alice = by(lab, 'Alice@lab.example')
  const answers = await Promise.all(Array.from({ length: 10 }, () => alice.get('/api/me')))
  expect(answers.map(({ body }) => body.user_id)).toEqual(Array(10).fill('alice@lab.example'))
  const me = { user_id: 'alice@lab.example', role: 'user', tier: 'default', credential: 'session', scopes: null }
  expect(answers[0]?.body).toMatchObject(me)
  expect(answers[0]?.headers).not.toHaveProperty('set-cookie')
  expect((await alice.get('/api/sessions').expect(200)).body.items).toHaveLength(1)
  await alice.get('/api/users').expect(403)
  const ofPage = (person: string) =>
    by(lab, 'Alice@lab.example', { ...ownPage, 'ai-lab-person': person }).get('/api/tokens')
  await ofPage('alice@lab.example').expect(200)
  expect((await ofPage('bob@lab.example').expect(403)).body.type).toBe('/problems/another-person')
})

test('the first requests of a person at one instant begin one session', async () => {
  await using lab = await openLab({ env })
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  let begun = 0
  const log = {
    began() {
      begun += 1
    },
  }
  const vouched = createVouched({ accounts: createAccountStore(database), clock: systemClock, log })
  const from = { address: '192.0.2.1', client: 'x' }
  const callers = await Promise.all(Array.from({ length: 10 }, () => vouched.callerOf('alice', from)))
  expect(new Set(callers.map(({ credentialId }) => credentialId)).size).toBe(1)
  expect(begun).toBe(1)
})

// Trouble (authority): a removed person opens the account of a later one, who got the same name
test('an account that the proxy makes anew is not open to the identity of an earlier person of that name', async () => {
  await using club = await openTestProvider()
  await using lab = await openLab({ env: { ...env, ...club.env } })
  const signIn = async (email: string) => {
    club.person = { sub: 'sub-1', email, email_verified: true }
    const browser = createBrowser(lab)
    await browser.visit('/sign-in/openid')
    return (
      await lab
        .as({ ...ownPage, cookie: browser.cookies('localhost') })
        .get('/api/me')
        .expect(200)
    ).body.user_id
  }
  expect(await signIn('alice@lab')).toBe('alice@lab')
  await by(lab, 'alice@lab').get('/api/me').expect(200)
  expect(await signIn('alice.old@lab')).toBe('alice@lab')
  await lab.as(lab.adminToken).delete('/api/users/alice@lab').expect(204)
  await by(lab, 'alice@lab').get('/api/me').expect(200)
  expect(await signIn('alice.old@lab')).toBe('alice.old@lab')
})

// Trouble (authority): a stranger sends the header that only the proxy should send
test('from any other address the header counts for nothing, whatever address it claims, and the log says so once', async () => {
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({
    env: { ...env, TRUST_PROXY: '10.0.0.1' },
    logLevel: 'warn',
    log: (line) => lines.push(line),
  })
  const { cookie } = await newPerson(lab, 'bob')
  const claims = { ...ownPage, 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1', 'x-real-ip': '10.0.0.1' }
  for (let at = 0; at < 3; at += 1) await by(lab, 'admin', claims).get('/api/me').expect(401)
  expect(
    (
      await by(lab, 'admin', { ...claims, cookie })
        .get('/api/me')
        .expect(200)
    ).body.user_id,
  ).toBe('bob')
  expect(lines.map(({ address, header }) => [address, header])).toEqual([
    [expect.stringContaining('127.0.0.1'), 'x-forwarded-email'],
  ])
})

test('a token comes before the header, and the header before a cookie', async () => {
  await using lab = await openLab({ env })
  const { cookie, token } = await newPerson(lab, 'bob')
  const all = { ...ownPage, cookie, authorization: `Bearer ${token}` }
  const meWith = async (headers: Record<string, string>) =>
    (await by(lab, 'alice', headers).get('/api/me').expect(200)).body
  expect(await meWith(all)).toMatchObject({ user_id: 'bob', credential: 'token' })
  expect(await meWith({ ...ownPage, cookie })).toMatchObject({ user_id: 'alice', credential: 'session' })
  await by(lab, 'alice', { ...all, authorization: 'Bearer wrong' })
    .get('/api/me')
    .expect(401)
  expect(
    (
      await lab
        .as({ ...ownPage, cookie })
        .get('/api/me')
        .expect(200)
    ).body.user_id,
  ).toBe('bob')
})

// Trouble (authority): a page of a notebook calls the service by way of the proxy, which names its visitor
test('the header counts only in requests of the own pages', async () => {
  await using lab = await openLab({ env })
  const post = (headers: Record<string, string>) => by(lab, 'alice', headers).post('/api/tokens', { name: 'x' })
  await post({}).expect(403)
  await post({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }).expect(403)
  await post({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:5556' }).expect(403)
  await post({ origin: 'null' }).expect(403)
  await by(lab, 'alice', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }).get('/api/me').expect(403)
  expect((await lab.as(lab.adminToken).get('/api/users').expect(200)).body.items).toHaveLength(1)
  await post({ origin: 'http://localhost:5555' }).expect(201)
})

test.each(['../x', 'a b', 'Alice <a@b>', 'a@lab, b@lab', 'x'.repeat(129)])(
  'the name %j is refused with the rule, on pages too, and makes nobody',
  async (name) => {
    await using lab = await openLab({ env })
    const { body } = await by(lab, name).get('/api/me').expect(401)
    expect(body).toMatchObject({ detail: expect.stringContaining('A user id has 1 to 128 characters') })
    await by(lab, name, page).get('/').expect(303).expect('location', '/sign-in?next=%2F')
    expect((await by(lab, name, page).get('/sign-in').expect(200)).text).toContain('A user id has 1 to 128')
    expect((await lab.as(lab.adminToken).get('/api/users').expect(200)).body.items).toHaveLength(1)
  },
)

test('a disabled person is out at once, and in again when they are enabled; a demotion counts at once', async () => {
  await using lab = await openLab({ env })
  const admin = lab.as(lab.adminToken)
  await by(lab, 'alice').get('/api/me').expect(200)
  await admin.patch('/api/users/alice', { role: 'admin' }).expect(200)
  await by(lab, 'alice').get('/api/users').expect(200)
  await admin.patch('/api/users/alice', { role: 'user' }).expect(200)
  await by(lab, 'alice').get('/api/users').expect(403)
  await admin.patch('/api/users/alice', { disabled: true }).expect(200)
  const { body } = await by(lab, 'alice').get('/api/me').expect(401)
  expect(body.detail).toContain('is disabled')
  await admin.patch('/api/users/alice', { disabled: false }).expect(200)
  await by(lab, 'alice').get('/api/me').expect(200)
})

test('no cookie opens the session of the header', async () => {
  await using lab = await openLab({ env })
  await by(lab, 'alice').get('/api/me').expect(200)
  for (const secret of ['proxy alice', 'proxy%20alice', '']) {
    await lab
      .as({ ...ownPage, cookie: `ai-lab-session=${secret}` })
      .get('/api/me')
      .expect(401)
  }
})

test('a person whom the proxy names opens their environment; the visit ends with a sign-out', async () => {
  await using open = await openGatewayLab({ env })
  const { lab, id } = open
  const owner = (headers: Record<string, string>) => by(lab, 'owner@lab', headers)
  const { headers } = await owner(page).get(`/open/${id}`).expect(303)
  const { pathname, search, hostname } = new URL(headers.location ?? '')
  const host = `${hostname}:5556`
  const entered = await open.ask(pathname + search, { token: null, headers: { ...page, host } })
  const cookie = String(entered.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const visit = () => open.ask('/x', { token: null, headers: { ...ownPage, host, cookie } })
  expect((await visit()).status).toBe(200)
  await owner(ownPage).delete('/api/session').expect(204)
  expect((await visit()).status).toBe(401)
  await owner(ownPage).get('/api/me').expect(200)
  const other = await by(lab, 'other@lab', page).get(`/open/${id}`)
  expect(other.status).toBe(404)
})

test('a form of the own pages works, and one of another site does not', async () => {
  await using lab = await openLab({ env })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const end = (headers: Record<string, string>) =>
    by(lab, 'alice', { ...form, ...headers }).post('/sessions', 'id=unknown' as never)
  await end({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }).expect(403)
  await end(ownPage).expect(303)
})

test('a person who was here before keeps their role, tier and password', async () => {
  await using lab = await openLab({ env })
  await newPerson(lab, 'alice')
  await lab.as(lab.adminToken).patch('/api/users/alice', { tier: 'premium' }).expect(200)
  expect((await by(lab, 'alice').get('/api/me').expect(200)).body).toMatchObject({ tier: 'premium' })
  await lab.as().post('/api/session', { user_id: 'alice', password }).expect(200)
})

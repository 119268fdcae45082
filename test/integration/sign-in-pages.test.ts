/** The pages for people: sign in, sign out, and links that sign in once. */
import { join } from 'node:path'
import supertest from 'supertest'
import { expect, test } from 'vitest'
import { openSqlite } from '../../src/database/open.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { cookieOf, givePassword, newPerson, ownPage, password, signIn } from '../support/sign-in.ts'

/** Sends a form, as a browser does from the service's own page. */
function send(lab: Lab, path: string, fields: Record<string, string>, headers: Record<string, string> = ownPage) {
  return supertest(lab.service.app.server).post(path).set(headers).type('form').send(fields)
}

async function invite(lab: Lab, id: string): Promise<{ url: string; path: string; code: string }> {
  const { body } = await lab.as(lab.adminToken).post(`/api/users/${id}/invitation`).expect(201)
  const { pathname } = new URL(body.url)
  return { url: body.url, path: pathname, code: pathname.split('/').at(-1) ?? '' }
}

test('the sign-in page runs nothing, loads nothing, and sends its form to the service alone', async () => {
  await using lab = await openLab()
  const { headers, text } = await lab.as().get('/sign-in?next=/docs/').expect(200)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  )
  expect(text).toContain('<input type="hidden" name="next" value="/docs/">')
  expect(text).not.toMatch(/<script|src=|https?:/)
})

test('a person signs in by the form, goes on to where they wanted to be, and signs out', async () => {
  await using lab = await openLab()
  await newPerson(lab, 'alice')
  const form = { user_id: ' Alice ', password, next: '/docs/?x=1' }
  const answer = await send(lab, '/sign-in', form).expect(200).expect('refresh', '0;url=/docs/?x=1')
  const cookie = cookieOf(answer.headers)
  const page = await lab.as({ cookie }).get('/sign-in').expect(200)
  expect(page.text).toContain('<strong>alice</strong>')
  expect(page.text).toContain('<a href="/">Your environments</a>')
  await send(lab, '/sign-out', {}, { cookie, 'sec-fetch-site': 'same-site' }).expect(403)
  const out = await send(lab, '/sign-out', {}, { ...ownPage, cookie })
    .expect(303)
    .expect('location', '/sign-in')
  expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0')
  await lab
    .as({ ...ownPage, cookie })
    .get('/api/me')
    .expect(401)
  await send(lab, '/sign-out', {}, { ...ownPage, cookie }).expect(303)
})

// Trouble (authority): a link to the sign-in page leads to another site afterwards
test.each([
  '//evil.example',
  '/\\evil.example',
  'https:evil',
  'https://evil.example/',
  '/\t/evil.example',
  '/.//evil.example',
])('a sign-in does not lead on to %j', async (next) => {
  await using lab = await openLab()
  await newPerson(lab, 'alice')
  await send(lab, '/sign-in', { user_id: 'alice', password, next }).expect(200).expect('refresh', '0;url=/')
  const { text } = await lab
    .as()
    .get(`/sign-in?next=${encodeURIComponent(next)}`)
    .expect(200)
  expect(text).not.toContain('evil')
})

// Trouble (authority): a page of another origin signs its visitor in as somebody else
test.each([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another port', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:5556' }],
  ['a secret origin', { origin: 'null' }],
  ['nowhere', {}],
] as const)('the service refuses a form from %s', async (_, headers) => {
  await using lab = await openLab()
  await newPerson(lab, 'alice')
  const { path, code } = await invite(lab, 'alice')
  const answers = [
    await send(lab, '/sign-in', { user_id: 'alice', password }, headers),
    await send(lab, '/sign-in/link', { code, user_id: 'alice' }, headers),
  ]
  for (const { status, headers: sent } of answers) expect([status, sent['set-cookie']]).toEqual([403, undefined])
  await lab.as().get(path).expect(200)
})

test('a wrong password shows the form again, and whatever was typed is only text', async () => {
  await using lab = await openLab()
  const user_id = '"><script>alert(1)</script>'
  const { text, headers } = await send(lab, '/sign-in', { user_id, password, next: '/docs/' }).expect(403)
  expect(text).toContain('role="alert"')
  expect(text).toContain('value="/docs/"')
  expect(text).not.toContain('<script')
  expect(text).not.toContain(password)
  expect(headers).not.toHaveProperty('set-cookie')
  await newPerson(lab, 'alice')
  const wrong = { user_id: 'alice', password: 'wrong wrong wrong' }
  for (let at = 0; at < 10; at += 1) await send(lab, '/sign-in', wrong).expect(403)
  const late = await send(lab, '/sign-in', wrong).expect(429)
  expect(late.headers['retry-after']).toBeDefined()
  expect(late.text).toContain('Try again in 15 minutes.')
})

test('pages take forms and no JSON, and the API takes JSON and no forms', async () => {
  await using lab = await openLab()
  await lab.as(ownPage).post('/sign-in', { user_id: 'x', password }).expect(415)
  await send(lab, '/api/session', { user_id: 'x', password }).expect(415)
})

test('a link signs a new person in once, with the password that they choose', async () => {
  await using lab = await openLab()
  await lab.newUser('alice')
  const { url, path, code } = await invite(lab, 'alice')
  expect(url).toMatch(/^http:\/\/localhost:5555\/sign-in\/link\/[\w-]{43}$/)
  // Programs that check mail open links.
  for (let at = 0; at < 3; at += 1) expect((await lab.as().get(path).expect(200)).text).toContain('Choose a password')
  const form = { code, user_id: 'alice' }
  for (const tried of ['', 'short', 'alice']) {
    const { text } = await send(lab, '/sign-in/link', { ...form, password: tried }).expect(400)
    expect(text).toContain('12 to 1024 characters')
  }
  const answers = await Promise.all([1, 2].map(() => send(lab, '/sign-in/link', { ...form, password })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403])
  const entered = answers.find(({ status }) => status === 200)
  await lab
    .as({ ...ownPage, cookie: cookieOf(entered?.headers ?? {}) })
    .get('/api/me')
    .expect(200)
  await lab.as().get(path).expect(403)
  await signIn(lab, 'alice')
})

test('a sign-in by the form or by a link ends the session that the browser had before', async () => {
  await using lab = await openLab()
  const { client, cookie } = await newPerson(lab, 'alice')
  const second = await send(lab, '/sign-in', { user_id: 'alice', password }, { ...ownPage, cookie }).expect(200)
  await client.get('/api/me').expect(401)
  await lab.newUser('bob')
  const { code } = await invite(lab, 'bob')
  const browser = { ...ownPage, cookie: cookieOf(second.headers) }
  await send(lab, '/sign-in/link', { code, user_id: 'bob', password }, browser).expect(200)
  await lab.as(browser).get('/api/me').expect(401)
})

test('a person with a password may keep it, or choose another, which ends their sessions', async () => {
  await using lab = await openLab()
  const { client } = await newPerson(lab, 'alice')
  const first = await invite(lab, 'alice')
  expect((await lab.as().get(first.path).expect(200)).text).not.toContain(' required')
  await send(lab, '/sign-in/link', { code: first.code, user_id: 'alice', password: '' }).expect(200)
  await send(lab, '/sign-in/link', { code: first.code, user_id: 'alice', password: '' }).expect(403)
  await client.get('/api/me').expect(200)
  const second = await invite(lab, 'alice')
  await send(lab, '/sign-in/link', { code: second.code, user_id: 'alice', password: 'another password' }).expect(200)
  await client.get('/api/me').expect(401)
  await lab.as().post('/api/session', { user_id: 'alice', password: 'another password' }).expect(200)
})

// Trouble (authority): a link that was sent to the wrong person still works after the password was changed
test('a link ends with a newer one, a new password, disabling, and after a day', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  await lab.newUser('alice')
  const ends: [string, () => Promise<unknown>][] = [
    ['a newer one', () => invite(lab, 'alice')],
    ['a new password', () => givePassword(lab, lab.adminToken, 'alice')],
    [
      'disabling',
      async () => {
        await admin.patch('/api/users/alice', { disabled: true }).expect(200)
        await admin.post('/api/users/alice/invitation').expect(409)
        await admin.patch('/api/users/alice', { disabled: false }).expect(200)
      },
    ],
    ['a day', () => withDatabase(lab, (db) => db.updateTable('invitations').set({ expires_at: Date.now() }).execute())],
  ]
  for (const [why, end] of ends) {
    const { path, code } = await invite(lab, 'alice')
    await lab.as().get(path).expect(200)
    await end()
    expect([why, (await lab.as().get(path)).status]).toEqual([why, 403])
    await send(lab, '/sign-in/link', { code, user_id: 'alice', password }).expect(403)
  }
})

async function withDatabase<T>(lab: Lab, work: (db: Awaited<ReturnType<typeof openSqlite>>['db']) => Promise<T>) {
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  return await work(database.db)
}

test('only a whole credential of an administrator invites', async () => {
  await using lab = await openLab()
  const admin = lab.as(lab.adminToken)
  const { client } = await newPerson(lab, 'alice')
  await client.post('/api/users/alice/invitation').expect(403)
  for (const rights of [{ scopes: ['admin'] }, { expires_in_seconds: 600 }]) {
    const weak = (await admin.post('/api/tokens', { name: 'x', role: 'admin', ...rights }).expect(201)).body.token
    await lab.as(weak).post('/api/users/alice/invitation').expect(403)
  }
  await admin.post('/api/users/nobody/invitation').expect(404)
})

test('neither the log nor the database has the code of a link', async () => {
  const lines: unknown[] = []
  await using lab = await openLab({ logLevel: 'debug', log: (line) => lines.push(line) })
  await lab.newUser('alice')
  const { path, code } = await invite(lab, 'alice')
  await lab.as().get(path).expect(200)
  await send(lab, '/sign-in/link', { code, user_id: 'alice', password }).expect(200)
  expect(JSON.stringify(lines)).toContain('/sign-in/link/:code')
  for (const secret of [code, password]) expect(JSON.stringify(lines)).not.toContain(secret)
  await invite(lab, 'alice')
  const rows = await withDatabase(lab, (db) => db.selectFrom('invitations').selectAll().execute())
  expect(rows[0]?.code_hash).toMatch(/^[0-9a-f]{64}$/)
})

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { regainAccess } from '../../src/accounts/first-admin.ts'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createBrowser, type TestBrowser } from '../support/browser.ts'
import { type Lab, openLab } from '../support/lab.ts'
import { openTestProvider, type TestProvider } from '../support/openid-provider.ts'
import { givePassword, newPerson, ownPage, password } from '../support/sign-in.ts'

const alice = { sub: 'sub-1', email: 'Alice@lab.example', email_verified: true, groups: ['club'] }

type Club = AsyncDisposable & { club: TestProvider; lab: Lab }

async function openClub({
  env = {},
  ...rest
}: { env?: Record<string, string>; log?: (line: Record<string, unknown>) => void; logLevel?: string } & Parameters<
  typeof openTestProvider
>[0] = {}): Promise<Club> {
  const { log, logLevel, ...ofProvider } = rest
  const club = await openTestProvider(ofProvider)
  club.person = alice
  const lab = await openLab({ env: { ...club.env, ...env }, ...(log && { log }), ...(logLevel && { logLevel }) })
  return {
    club,
    lab,
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await club[Symbol.asyncDispose]()
    },
  }
}

async function me(lab: Lab, browser: TestBrowser) {
  const { status, body } = await lab.as({ ...ownPage, cookie: browser.cookies('localhost') }).get('/api/me')
  return status === 200 ? body : status
}

test('a person signs in at the provider, gets an account, and lands where they wanted to go', async () => {
  await using both = await openClub()
  const { lab } = both
  const browser = createBrowser(lab)
  const page = await browser.visit('/sign-in?next=%2Fdocs%2F')
  expect(page.text).toContain('<a href="/sign-in/openid?next=%2Fdocs%2F">Sign in with The Club</a>')
  const end = await browser.visit('/sign-in/openid?next=%2F')
  expect([end.url, end.status]).toEqual(['http://localhost:5555/', 200])
  expect(end.text).toContain('<div id="console">')
  expect(await me(lab, browser)).toMatchObject({ user_id: 'alice@lab.example', role: 'user', tier: 'default' })
  expect(browser.cookies('localhost')).not.toContain('ai-lab-openid')
})

const start = '/sign-in/openid'
const callback = 'http://localhost:5555/sign-in/openid/callback'

/** The way to the provider and back, up to the callback: its address is not visited. */
async function goUntilCallback(browser: TestBrowser, changed: (url: URL) => void = () => {}): Promise<URL> {
  let reached: URL | null = null
  await browser.visit(start, (url) => {
    changed(url)
    if (!url.href.startsWith(callback)) return url
    reached = url
    return null
  })
  if (!reached) throw new Error('the provider did not send the browser back')
  return reached
}

/** Signs a person in with a new browser, and tells how that ended. */
async function outcome({ club, lab }: Club, person: TestProvider['person'] = alice, path = start) {
  club.person = person
  const browser = createBrowser(lab)
  const page = await browser.visit(path)
  return { browser, page, status: page.status, words: wordsOf(page.text), me: await me(lab, browser) }
}

const wordsOf = (text: string) => /role="alert">(.*?)<\/p>/s.exec(text)?.[1] ?? null

test('the sign-in is bound to the attempt by state, nonce and PKCE', async () => {
  await using both = await openClub()
  const { lab } = both
  for (const parameter of ['state', 'nonce', 'code_challenge']) {
    const browser = createBrowser(lab)
    const back = await goUntilCallback(browser, (url) => {
      if (url.searchParams.has('code_challenge')) url.searchParams.set(parameter, 'x'.repeat(43))
    })
    const { status, text, headers } = await browser.visit(back.href)
    expect([parameter, status, wordsOf(text)]).toEqual([parameter, 403, expect.stringContaining('does not fit')])
    expect(String(headers['set-cookie'])).not.toContain('ai-lab-session')
    expect(await me(lab, browser)).toBe(401)
  }
})

// Trouble (authority): a stranger's link signs its victim in to the stranger's account
test("another browser's answer counts for nothing, with an attempt of its own and without", async () => {
  await using both = await openClub()
  const { lab } = both
  const stranger = await goUntilCallback(createBrowser(lab))
  const without = createBrowser(lab)
  const page = await without.visit(stranger.href)
  expect([page.status, wordsOf(page.text)]).toEqual([403, expect.stringContaining('did not begin that sign-in')])
  const within = createBrowser(lab)
  await goUntilCallback(within)
  expect((await within.visit(stranger.href)).status).toBe(403)
  for (const browser of [without, within]) expect(await me(lab, browser)).toBe(401)
})

test('an answer counts once: not again, and not twice at one instant', async () => {
  await using both = await openClub()
  const { lab } = both
  const browser = createBrowser(lab)
  const back = await goUntilCallback(browser)
  const attempt = browser.cookies('localhost')
  const twice = await Promise.all([browser.visit(back.href), browser.visit(back.href)])
  const statuses = twice.map(({ status }) => status).toSorted()
  expect(statuses).toEqual([expect.toBeOneOf([200, 403]), 403]) // a provider may take a code that comes twice for stolen
  const [name = '', value = ''] = attempt.split('=')
  browser.setCookie('localhost', name, value)
  expect((await browser.visit(back.href)).status).toBe(403)
})

test('the cookie of an attempt is for this host alone, and no script reads it', async () => {
  await using club = await openTestProvider({ publicUrl: 'https://lab.example.org' })
  await using lab = await openLab({ env: { ...club.env, PUBLIC_URL: 'https://lab.example.org' } })
  const { headers } = await lab.as().get('/sign-in/openid?next=%2Fopen%2Fx').expect(303)
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Host-ai-lab-openid=[\w.-]{43,}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
  ])
  const { searchParams } = new URL(headers.location ?? '')
  expect(Object.fromEntries(searchParams)).toMatchObject({
    redirect_uri: 'https://lab.example.org/sign-in/openid/callback',
    response_type: 'code',
    scope: 'openid email profile groups',
    code_challenge_method: 'S256',
  })
  const [, secret = ''] = /=([^.;]+)/.exec(headers['set-cookie']?.[0] ?? '') ?? []
  expect(headers.location).not.toContain(secret)
  // A browser drops a cookie of more than 4096 bytes.
  const far = await lab
    .as()
    .get(`/sign-in/openid?next=/${'x'.repeat(5_000)}`)
    .expect(303)
  expect(far.headers['set-cookie']?.[0]).toMatch(/^__Host-ai-lab-openid=[\w-]{43};/)
})

// Trouble (authority): a link to the sign-in page leads to another site afterwards
test.each(['//evil.example', '/\\evil.example', 'https://evil.example/', '/\t/evil.example', '/.//evil.example'])(
  'a sign-in by the provider does not lead on to %j',
  async (next) => {
    await using both = await openClub()
    const { page } = await outcome(both, alice, `${start}?next=${encodeURIComponent(next)}`)
    expect(page.url).toBe('http://localhost:5555/')
  },
)

test('a cookie that leads elsewhere does not lead elsewhere', async () => {
  await using both = await openClub()
  const browser = createBrowser(both.lab)
  const back = await goUntilCallback(browser)
  const [name = '', value = ''] = browser.cookies('localhost').split('=')
  browser.setCookie('localhost', name, `${value}.${Buffer.from('https://evil.example/').toString('base64url')}`)
  expect((await browser.visit(back.href)).url).toBe('http://localhost:5555/')
})

test('claims in the ID token and claims of the userinfo endpoint are the same to us', async () => {
  await using both = await openClub({ claimsInIdToken: true, env: { OIDC_ADMIN_GROUPS: 'club' } })
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example', role: 'admin' } })
})

test('after a change of keys people sign in at once, and a key that the provider does not publish is refused', async () => {
  await using both = await openClub()
  const { club } = both
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
  const keys = await (await fetch(`${club.issuer}/jwks`)).text()
  club.rotateKeys()
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
  club.answers.set('/jwks', (_, response) => response.setHeader('content-type', 'application/json').end(keys))
  expect(await outcome(both)).toMatchObject({ status: 403, words: expect.stringContaining('does not fit'), me: 401 })
})

test.each([
  [100, 'let in'],
  [-100, 'let in'],
  [-150, 'refused'],
] as const)("with the provider's clock %i seconds ahead, a token of 60 seconds is %s", async (ahead, wanted) => {
  await using both = await openClub({ idTokenSeconds: 60 })
  both.club.skewSeconds = ahead
  const { status, me } = await outcome(both)
  expect([status, me === 401]).toEqual(wanted === 'refused' ? [403, true] : [200, false])
})

// Trouble (authority): the identity provider is away, and nobody can sign in any more
test('a provider that is away at the start, in the midst, and back again', async () => {
  await using club = await openTestProvider()
  club.person = alice
  await club.goAway()
  const lines: Record<string, unknown>[] = []
  await using lab = await openLab({ env: club.env, logLevel: 'warn', log: (line) => lines.push(line) })
  const both = { club, lab } as Club
  const away = { status: 503, words: expect.stringContaining('sign in with a password'), me: 401 }
  const first = await outcome(both)
  expect(first).toMatchObject(away)
  expect(first.page.headers).toHaveProperty('retry-after')
  expect(lines).toEqual([expect.objectContaining({ reason: 'fetch failed: connection refused' })])
  await newPerson(lab, 'bob')
  await club.comeBack()
  await expect.poll(async () => (await outcome(both)).status).toBe(200)
  const browser = createBrowser(lab)
  const back = await goUntilCallback(browser)
  await club.goAway()
  expect((await browser.visit(back.href)).status).toBe(503)
  await club.comeBack()
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
})

test('people who come at one time share one question to the provider, also if it has no answer', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const path = '/.well-known/openid-configuration'
  club.answers.set(path, (_, response) => response.writeHead(500).end())
  const asks = () => Promise.all(Array.from({ length: 20 }, () => lab.as().get(start)))
  expect((await asks()).map(({ status }) => status)).toEqual(Array(20).fill(503))
  await asks()
  expect(club.asked.get(path)).toBe(1)
})

test.each([
  [
    'huge',
    (response: import('node:http').ServerResponse) => {
      response.setHeader('content-type', 'application/json')
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    },
  ],
  ['no JSON', (response: import('node:http').ServerResponse) => response.end('<html>')],
  ['a redirect', (response: import('node:http').ServerResponse) => response.writeHead(302, { location: '/' }).end()],
] as const)('an answer that is %s breaks off the sign-in, at each step', async (_, answer) => {
  await using both = await openClub()
  const { club } = both
  expect((await outcome(both)).status).toBe(200)
  const before = performance.now()
  for (const path of ['/token', '/jwks', '/me']) {
    club.answers.set(path, (_, response) => answer(response))
    expect([path, (await outcome(both)).status]).toEqual([path, 503])
    club.answers.clear()
  }
  expect(performance.now() - before).toBeLessThan(9_000) // the time limit was not needed
})

test.each(['javascript:alert(1)', 'nowhere', undefined])(
  'a provider that has its pages at %j signs nobody in, and keeps nobody from signing out',
  async (address) => {
    await using both = await openClub()
    const { club, lab } = both
    const { browser } = await outcome(both)
    const path = '/.well-known/openid-configuration'
    const told = (await (await fetch(club.issuer + path)).json()) as object
    const pages = { authorization_endpoint: address, end_session_endpoint: address }
    club.answers.set(path, (_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...told, ...pages })),
    )
    await lab.restart()
    await lab.as().get(start).expect(503)
    expect((await browser.submit('/sign-out', {})).url).toBe('http://localhost:5555/sign-in')
    expect(await me(lab, browser)).toBe(401)
  },
)

test('an answer that never ends is waited for 10 seconds', { timeout: 30_000 }, async () => {
  await using both = await openClub()
  const { club } = both
  expect((await outcome(both)).status).toBe(200)
  club.answers.set('/token', (_, response) => {
    response.setHeader('content-type', 'application/json').write('{')
    const drip = setInterval(() => response.write(' '), 100)
    void once(response, 'close').then(() => clearInterval(drip))
  })
  const before = performance.now()
  expect(await outcome(both)).toMatchObject({ status: 503, me: 401 })
  expect(performance.now() - before).toBeLessThan(15_000)
})

test('who refuses at the provider is told so, and nothing of what the provider writes is markup', async () => {
  await using both = await openClub()
  const { words, page } = await outcome(both, null)
  expect(words).toBe('The Club did not sign you in.')
  expect(page.text).not.toContain('<b>')
})

test.each([
  [{ ...alice, email_verified: false }, 'not verified'],
  [{ ...alice, email_verified: 'false' }, 'not verified'],
  [{ sub: 'sub-1' }, 'without the claim'],
  [{ ...alice, email: 'Alice Smith <a@b.c>' }, 'A user id has 1 to 128 characters'],
  [{ ...alice, email: 'a..b@lab' }, 'A user id has 1 to 128 characters'],
  [{ ...alice, email: '\u212Aate@lab' }, 'A user id has 1 to 128 characters'],
])('a person of whom the provider says %j gets no account', async (person, words) => {
  await using both = await openClub()
  const ended = await outcome(both, person)
  expect(ended).toMatchObject({ status: 403, words: expect.stringContaining(words), me: 401 })
  const { body } = await both.lab.as(both.lab.adminToken).get('/api/users').expect(200)
  expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['admin'])
})

test('a person stays the same one when their address changes', async () => {
  await using both = await openClub()
  await outcome(both)
  const renamed = { ...alice, email: 'alice.new@lab.example', email_verified: false }
  expect(await outcome(both, renamed)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
})

// Trouble (authority): a mail address is given to another person, who then gets the first one's account
test('another person with the same address is refused, also after the account was removed, until an administrator lets them in', async () => {
  await using both = await openClub()
  const { lab } = both
  const admin = lab.as(lab.adminToken)
  await outcome(both)
  const other = { ...alice, sub: 'sub-2' }
  const refused = { status: 409, words: expect.stringContaining('belongs to another person at The Club'), me: 401 }
  expect(await outcome(both, other)).toMatchObject(refused)
  await admin.delete('/api/users/alice@lab.example').expect(204)
  expect(await outcome(both, other)).toMatchObject(refused)
  await admin.post('/api/users', { id: 'alice@lab.example' }).expect(201)
  expect(await outcome(both, other)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
  expect(await outcome(both)).toMatchObject(refused)
})

// Trouble (authority): whoever has the right name at the provider takes an account that was here before
test('an account with a password, or of an administrator, is connected only from a browser that is signed in to it', async () => {
  await using both = await openClub({ env: { OIDC_USER_CLAIM: 'preferred_username' } })
  const { club, lab } = both
  await newPerson(lab, 'alice')
  const person = { sub: 'sub-1', preferred_username: 'alice' }
  const first = await outcome(both, person, `${start}?next=%2Fdocs%2F`)
  expect(first).toMatchObject({
    status: 409,
    words: expect.stringContaining('There is an account alice already'),
    me: 401,
  })
  expect(await outcome(both, { sub: 'sub-0', preferred_username: 'admin' })).toMatchObject({ status: 409, me: 401 })
  expect(first.page.text).toContain('name="next" value="/sign-in/openid?next=%2Fdocs%2F"')
  const next = '/sign-in/openid?next=%2F'
  const page = await first.browser.submit('/sign-in', { user_id: 'alice', password, next })
  expect(page.url).toBe('http://localhost:5555/')
  expect(await outcome(both, person)).toMatchObject({ me: { user_id: 'alice' } })
  expect(await outcome(both, { ...person, sub: 'sub-2' })).toMatchObject({ status: 409 })
  // Somebody who is signed in as somebody else proves nothing.
  await newPerson(lab, 'bob')
  await givePassword(lab, lab.adminToken, 'admin')
  const bob = createBrowser(lab)
  await bob.submit('/sign-in', { user_id: 'bob', password })
  club.person = { sub: 'sub-3', preferred_username: 'admin' }
  expect((await bob.visit(start)).status).toBe(409)
})

/** A lab in which somebody has connected the account `admin`, and which then removed that account. */
async function openWithoutAdmin() {
  const both = await openClub({ env: { OIDC_USER_CLAIM: 'preferred_username' } })
  const { lab } = both
  await givePassword(lab, lab.adminToken, 'admin')
  const former = { sub: 'sub-1', preferred_username: 'admin' }
  const { browser } = await outcome(both, former)
  await browser.submit('/sign-in', { user_id: 'admin', password, next: start })
  expect(await outcome(both, former)).toMatchObject({ me: { user_id: 'admin', role: 'admin' } })
  const admin = lab.as(lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const asked = { name: 'full', user_id: 'second', role: 'admin' }
  const second = lab.as((await admin.post('/api/tokens', asked).expect(201)).body.token)
  await second.delete('/api/users/admin').expect(204)
  return { both, former }
}

// Trouble (authority): a removed administrator signs in at the provider after a restart, and is an administrator again
test('an administrator who was removed is none after a restart, although the provider knows them', async () => {
  const { both, former } = await openWithoutAdmin()
  await using _both = both
  await both.lab.restart()
  expect(await outcome(both, former)).toMatchObject({ me: { user_id: 'admin', role: 'user' } })
})

// Trouble (authority): whoever was the administrator admin at the provider gets the account that `ailab token --admin` makes anew
test('when admin becomes an administrator again, no account at the provider is connected with it', async () => {
  const { both, former } = await openWithoutAdmin()
  await using _both = both
  await using database = await openSqlite(join(both.lab.dataDir, 'admin/ai-lab.db'))
  await database.db.updateTable('accounts').set({ role: 'user' }).execute()
  const { account } = await regainAccess({ accounts: createAccountStore(database), clock: systemClock })
  expect(account).toMatchObject({ id: 'admin', role: 'admin' })
  const words = expect.stringContaining('There is an account admin already')
  expect(await outcome(both, former)).toMatchObject({ status: 409, words, me: 401 })
})

test('a person whose account at the provider was made anew connects it after a link from an administrator', async () => {
  await using both = await openClub()
  const { lab } = both
  const admin = lab.as(lab.adminToken)
  await outcome(both)
  const anew = { ...alice, sub: 'sub-2' }
  const { browser } = await outcome(both, anew)
  const { body } = await admin.post('/api/users/alice@lab.example/invitation').expect(201)
  const code = new URL(body.url).pathname.split('/').at(-1) ?? ''
  await browser.submit('/sign-in/link', { code, user_id: 'alice@lab.example', password })
  expect((await browser.visit('/sign-in')).text).toContain('href="/sign-in/openid">Connect this account with The Club')
  expect((await browser.visit(start)).status).toBe(200)
  expect(await outcome(both, anew)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
  expect(await outcome(both)).toMatchObject({ status: 409, me: 401 })
})

test('the page of a person who is signed in offers to connect the account, once', async () => {
  await using both = await openClub({ env: { OIDC_USER_CLAIM: 'preferred_username' } })
  const { club, lab } = both
  await newPerson(lab, 'alice')
  const browser = createBrowser(lab)
  await browser.submit('/sign-in', { user_id: 'alice', password })
  expect((await browser.visit('/sign-in')).text).toContain('Connect this account with The Club')
  club.person = { sub: 'sub-1', preferred_username: 'alice' }
  await browser.visit(start)
  expect((await browser.visit('/sign-in')).text).not.toContain('Connect')
})

test('a session that the provider vouched for connects the account with nobody else', async () => {
  await using both = await openClub()
  const { browser } = await outcome(both)
  // The provider forgets its own session, and now somebody else signs in there, in the same browser.
  const { club, lab } = both
  const other = createBrowser(lab)
  for (const pair of browser.cookies('localhost').split('; '))
    other.setCookie('localhost', ...(pair.split('=') as [string, string]))
  club.person = { ...alice, sub: 'sub-2' }
  expect((await other.visit(start)).status).toBe(409)
})

test('an account that an administrator made, without a password, is for whom the provider calls so', async () => {
  await using both = await openClub()
  await both.lab.newUser('alice@lab.example', 'premium')
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example', tier: 'premium' } })
})

test('a disabled person stays out, and nothing of their account changes', async () => {
  await using both = await openClub({ env: { OIDC_ADMIN_GROUPS: 'club' } })
  const { lab } = both
  const admin = lab.as(lab.adminToken)
  const { browser } = await outcome(both, { ...alice, groups: [] })
  await admin.patch('/api/users/alice@lab.example', { disabled: true }).expect(200)
  expect(await me(lab, browser)).toBe(401)
  expect(await outcome(both)).toMatchObject({ status: 403, words: expect.stringContaining('is disabled'), me: 401 })
  const { body } = await admin.get('/api/users/alice@lab.example').expect(200)
  expect(body).toMatchObject({ disabled: true, role: 'user' })
})

test('a sign-in that crosses a disabling leaves nobody signed in', async () => {
  await using both = await openClub()
  const { lab, club } = both
  const admin = lab.as(lab.adminToken)
  await outcome(both)
  for (let at = 0; at < 5; at += 1) {
    club.person = alice
    const browser = createBrowser(lab)
    const back = await goUntilCallback(browser)
    await Promise.all([
      browser.visit(back.href),
      admin.patch('/api/users/alice@lab.example', { disabled: true }).expect(200),
    ])
    await admin.patch('/api/users/alice@lab.example', { disabled: false }).expect(200)
    expect(await me(lab, browser)).toBe(401)
  }
})

test('groups give role and tier at each sign-in, and take them; sessions have the new role at once', async () => {
  const groups = { OIDC_ADMIN_GROUPS: 'bosses, club', OIDC_TIER_GROUPS: 'gpu=enterprise, club=premium' }
  await using both = await openClub({ env: groups })
  const { lab } = both
  const first = await outcome(both)
  expect(first).toMatchObject({ me: { role: 'admin', tier: 'premium' } })
  const { body } = await lab
    .as({ ...ownPage, cookie: first.browser.cookies('localhost') })
    .post('/api/tokens', { name: 'x', role: 'admin' })
    .expect(201)
  await lab.as(body.token).get('/api/users').expect(200)
  expect(await outcome(both, { ...alice, groups: ['gpu', 'club'] })).toMatchObject({ me: { tier: 'enterprise' } })
  expect(await outcome(both, { ...alice, groups: 'gpu' })).toMatchObject({ me: { role: 'user', tier: 'enterprise' } })
  await lab.as(body.token).get('/api/users').expect(403)
  expect(await me(lab, first.browser)).toMatchObject({ role: 'user', tier: 'enterprise' })
  expect(await outcome(both, { ...alice, groups: undefined })).toMatchObject({ me: { role: 'user', tier: 'default' } })
})

test('without settings of groups, an administrator decides about role and tier', async () => {
  await using both = await openClub()
  await outcome(both)
  await both.lab
    .as(both.lab.adminToken)
    .patch('/api/users/alice@lab.example', { role: 'admin', tier: 'premium' })
    .expect(200)
  expect(await outcome(both)).toMatchObject({ me: { role: 'admin', tier: 'premium' } })
})

test('only members of the allowed groups sign in, and groups that were not sent are not missing', async () => {
  await using both = await openClub({ env: { OIDC_ALLOWED_GROUPS: 'club', OIDC_ADMIN_GROUPS: 'bosses' } })
  expect(await outcome(both)).toMatchObject({ me: { role: 'user' } })
  expect(await outcome(both, { ...alice, groups: ['x'] })).toMatchObject({
    status: 403,
    words: expect.stringContaining('no group that may use this lab'),
    me: 401,
  })
  const many = { ...alice, groups: undefined, _claim_names: { groups: 'src1' } }
  expect(await outcome(both, many)).toMatchObject({ status: 403, words: expect.stringContaining('too many of them') })
})

// Trouble (authority): the last administrator leaves the group, and the lab has none
test('the last administrator, and the owner of the last full token, stays one, and the log says so', async () => {
  const lines: Record<string, unknown>[] = []
  const env = { OIDC_ADMIN_GROUPS: 'club' }
  await using both = await openClub({ env, logLevel: 'error', log: (line) => lines.push(line) })
  const { lab } = both
  await outcome(both)
  await outcome(both, { ...alice, sub: 'sub-2', email: 'bob@lab.example' })
  const { browser } = await outcome(both)
  const client = lab.as({ ...ownPage, cookie: browser.cookies('localhost') })
  const { body } = await client.post('/api/tokens', { name: 'full', role: 'admin' }).expect(201)
  await client.patch('/api/users/admin', { disabled: true }).expect(200)
  // Now alice has the last full token, and bob is an administrator too.
  expect(await outcome(both, { ...alice, groups: [] })).toMatchObject({ me: { role: 'admin' } })
  await lab.as(body.token).get('/api/users').expect(200)
  expect(await outcome(both, { ...alice, groups: [], sub: 'sub-2', email: 'bob@lab.example' })).toMatchObject({
    me: { user_id: 'bob@lab.example', role: 'user' },
  })
  expect(lines.map(({ user }) => user)).toEqual(['alice@lab.example'])
})

test('two administrators who leave the group at one instant leave the lab with one', async () => {
  await using both = await openClub({ env: { OIDC_ADMIN_GROUPS: 'club' } })
  const { club, lab } = both
  const bob = { ...alice, sub: 'sub-2', email: 'bob@lab.example' }
  await outcome(both)
  await outcome(both, bob)
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  await database.db.updateTable('accounts').set({ role: 'user' }).where('id', '=', 'admin').execute()
  const ways: [TestBrowser, URL][] = []
  for (const person of [alice, bob]) {
    club.person = { ...person, groups: [] }
    const browser = createBrowser(lab)
    ways.push([browser, await goUntilCallback(browser)])
  }
  await Promise.all(ways.map(([browser, back]) => browser.visit(back.href)))
  const roles = await Promise.all(ways.map(async ([browser]) => (await me(lab, browser)).role))
  expect(roles.toSorted()).toEqual(['admin', 'user'])
})

test('a first sign-in at two browsers at one instant makes one account', async () => {
  await using both = await openClub()
  const { club, lab } = both
  club.person = alice
  const ways = await Promise.all(
    [1, 2].map(async () => {
      const browser = createBrowser(lab)
      return [browser, await goUntilCallback(browser)] as const
    }),
  )
  await Promise.all(ways.map(([browser, back]) => browser.visit(back.href)))
  for (const [browser] of ways) expect(await me(lab, browser)).toMatchObject({ user_id: 'alice@lab.example' })
})

test('two people of one address who come at one instant do not get one account', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const ways: [TestBrowser, URL][] = []
  for (const sub of ['sub-1', 'sub-2']) {
    club.person = { ...alice, sub }
    const browser = createBrowser(lab)
    ways.push([browser, await goUntilCallback(browser)])
  }
  const pages = await Promise.all(ways.map(([browser, back]) => browser.visit(back.href)))
  expect(pages.map(({ status }) => status).toSorted()).toEqual([200, 409])
})

test('a sign-out ends the session here and at the provider; that of a password ends here', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const { browser } = await outcome(both)
  const out = await browser.submit('/sign-out', {})
  expect(new URL(out.url).pathname).toBe('/session/end')
  expect(await me(lab, browser)).toBe(401)
  const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(out.text) ?? []
  const end = await browser.submit(`${club.issuer}/session/end/confirm`, { xsrf, logout: 'yes' })
  expect(end.url).toBe('http://localhost:5555/sign-in')
  club.person = null
  expect(wordsOf((await browser.visit(start)).text)).toBe('The Club did not sign you in.') // it asks who one is
  await newPerson(lab, 'bob')
  await browser.submit('/sign-in', { user_id: 'bob', password })
  expect((await browser.submit('/sign-out', {})).url).toBe('http://localhost:5555/sign-in')
})

test('a sign-out ends the session here while the provider is away', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const { browser } = await outcome(both)
  await club.goAway()
  await lab.restart()
  expect((await browser.submit('/sign-out', {})).url).toBe('http://localhost:5555/sign-in')
  expect(await me(lab, browser)).toBe(401)
})

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const event = 'http://schemas.openid.net/event/backchannel-logout'

// Trouble (authority): a person who signed out at the provider, or was removed there, is still signed in here
test('a session that ends at the provider ends here, and the other ones of its person go on', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const sent: string[] = []
  club.onLogout = async (body) => {
    sent.push(body)
    return (await lab.as(form).post('/sign-in/openid/logout', body as never)).status
  }
  const [one, other] = [await outcome(both), await outcome(both)]
  const page = await one.browser.visit(`${club.issuer}/session/end`)
  const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(page.text) ?? []
  await one.browser.submit(`${club.issuer}/session/end/confirm`, { xsrf, logout: 'yes' })
  await expect.poll(() => me(lab, one.browser)).toBe(401)
  expect(await me(lab, other.browser)).toMatchObject({ user_id: 'alice@lab.example' })
  // Once more changes nothing.
  await lab
    .as(form)
    .post('/sign-in/openid/logout', sent[0] as never)
    .expect(200)
  expect(await me(lab, other.browser)).toMatchObject({ user_id: 'alice@lab.example' })
})

test("a logout token without a session ends all of its person's, and none that began here", async () => {
  await using both = await openClub()
  const { club, lab } = both
  const bob = { ...alice, sub: 'sub-2', email: 'bob@lab.example' }
  const all = [await outcome(both), await outcome(both), await outcome(both, bob)]
  const signedIn = async () =>
    (await Promise.all(all.map(({ browser }) => me(lab, browser)))).map((each) => each !== 401)
  const end = async (claims: object) => {
    const token = await club.sign({ iss: club.issuer, aud: 'ai-lab', events: { [event]: {} }, ...claims })
    await lab
      .as(form)
      .post('/sign-in/openid/logout', `logout_token=${token}` as never)
      .expect(200)
  }
  await end({ sub: 'nobody' })
  await end({ sid: 'nothing' })
  expect(await signedIn()).toEqual([true, true, true])
  await end({ sub: 'sub-1' })
  expect(await signedIn()).toEqual([false, false, true])
  await givePassword(lab, lab.adminToken, 'bob@lab.example') // which ends his session too
  const own = createBrowser(lab)
  await own.submit('/sign-in', { user_id: 'bob@lab.example', password })
  all[2] = await outcome(both, bob)
  expect(await signedIn()).toEqual([false, false, true])
  await end({ sub: 'sub-2' })
  expect(await signedIn()).toEqual([false, false, false])
  expect(await me(lab, own)).toMatchObject({ user_id: 'bob@lab.example' })
})

/** What the provider sends when all sessions of a person end. */
async function endAllOf(sub: string, { club, lab }: Club, claims: object = {}) {
  const token = await club.sign({ iss: club.issuer, aud: 'ai-lab', sub, events: { [event]: {} }, ...claims })
  await lab
    .as(form)
    .post('/sign-in/openid/logout', `logout_token=${token}` as never)
    .expect(200)
}

test('a logout token that comes again later does not end the sessions that have begun since', async () => {
  await using both = await openClub()
  const { browser } = await outcome(both)
  const now = Math.floor(Date.now() / 1_000)
  await endAllOf('sub-1', both, { iat: now - 90 })
  expect(await me(both.lab, browser)).toMatchObject({ user_id: 'alice@lab.example' })
  await endAllOf('sub-1', both, { iat: now - 50 }) // a provider's clock may be a minute slow
  expect(await me(both.lab, browser)).toBe(401)
})

// Trouble (authority): a person is removed at the provider while they sign in, and stays signed in here
test('a session that ends at the provider during the sign-in does not begin here', async () => {
  await using both = await openClub()
  const { club } = both
  const asked = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  club.answers.set('/me', async (_, response) => {
    asked.resolve()
    await ended.promise
    response.setHeader('content-type', 'application/json').end(JSON.stringify(alice))
  })
  const signingIn = outcome(both)
  await asked.promise
  await endAllOf('sub-1', both)
  ended.resolve()
  const refused = { status: 403, words: expect.stringContaining('has ended meanwhile'), me: 401 }
  expect(await signingIn).toMatchObject(refused)
  club.answers.clear()
  club.skewSeconds = 2 // the next sign-in is later
  expect(await outcome(both)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
})

// Trouble (authority): a stranger signs people out
test('a token that is no logout token for this service ends nothing', async () => {
  await using both = await openClub()
  const { club, lab } = both
  const { browser } = await outcome(both)
  const good = { iss: club.issuer, aud: 'ai-lab', sub: 'sub-1', events: { [event]: {} } }
  const signed = await club.sign(good)
  club.rotateKeys() // so nothing that is signed counts either
  const [header, payload] = signed.split('.')
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  const { length } = signed
  const tokens = [signed, `${signed.slice(0, length - 8)}AAAAAAAA`, `${header}.${payload}.`, none, 'x', '']
  for (const token of tokens) {
    await lab
      .as(form)
      .post('/sign-in/openid/logout', `logout_token=${token}` as never)
      .expect(400)
  }
  await lab
    .as(form)
    .post('/sign-in/openid/logout', 'x=y' as never)
    .expect(400)
  expect(await me(lab, browser)).toMatchObject({ user_id: 'alice@lab.example' })
})

test.each([
  ['another service', { aud: 'another' }],
  ['another provider', { iss: 'http://127.0.0.1:1' }],
  ['a sign-in', { events: undefined, nonce: 'x' }],
  ['a sign-in and an end', { nonce: 'x' }],
  ['another event', { events: { other: {} } }],
  ['nobody', { sub: undefined }],
])('a token of the provider that is about %s ends nothing', async (_, change) => {
  await using both = await openClub()
  const { club, lab } = both
  const { browser } = await outcome(both)
  const good = { iss: club.issuer, aud: 'ai-lab', sub: 'sub-1', events: { [event]: {} } }
  const send = async (claims: object) => {
    const body = `logout_token=${await club.sign({ ...claims })}`
    return (await lab.as(form).post('/sign-in/openid/logout', body as never)).status
  }
  expect(await send({ ...good, ...change })).toBe(400)
  expect(await me(lab, browser)).toMatchObject({ user_id: 'alice@lab.example' })
  expect(await send(good)).toBe(200)
  expect(await me(lab, browser)).toBe(401)
})

test('answers that sign nobody in are bounded for their address, and a password is not', async () => {
  await using both = await openClub({ env: { TRUST_PROXY: '127.0.0.1' } })
  const { club, lab } = both
  const browser = createBrowser(lab)
  const back = await goUntilCallback(browser)
  const cookie = browser.cookies('localhost')
  back.searchParams.set('code', 'wrong')
  const path = back.pathname + back.search
  const from = (address: string) => lab.as({ cookie, 'x-forwarded-for': address }).get(path)
  const statuses = (await Promise.all(Array.from({ length: 70 }, () => from('192.0.2.1')))).map(({ status }) => status)
  expect(Map.groupBy(statuses, (status) => status).get(429)).toHaveLength(10)
  expect(club.asked.get('/token')).toBe(60)
  const late = await from('192.0.2.1').expect(429)
  expect([Number(late.headers['retry-after']) > 800, wordsOf(late.text)]).toEqual([
    true,
    expect.stringContaining('failed sign-ins'),
  ])
  await from('192.0.2.2').expect(403)
  await newPerson(lab, 'bob')
  await lab.as({ 'x-forwarded-for': '192.0.2.1' }).post('/api/session', { user_id: 'bob', password }).expect(200)
})

test('neither the log nor the database has a secret of the sign-in', async () => {
  const lines: unknown[] = []
  await using both = await openClub({ logLevel: 'debug', log: (line) => lines.push(line) })
  const { lab, club } = both
  const browser = createBrowser(lab)
  const back = await goUntilCallback(browser)
  const attempt = browser.cookies('localhost').split('=')[1] ?? ''
  await browser.visit(back.href)
  const refusal = JSON.stringify({ error: 'invalid_client', error_description: 'x'.repeat(100_000) })
  club.answers.set('/token', (_, response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end(refusal),
  )
  expect((await outcome(both)).status).toBe(503)
  const text = JSON.stringify(lines)
  expect(text).toContain('/sign-in/openid/callback')
  expect(text).toContain('invalid_client, xxx')
  expect(text.length).toBeLessThan(20_000)
  const secrets = [back.searchParams.get('code'), back.searchParams.get('state'), attempt, club.env.OIDC_CLIENT_SECRET]
  for (const secret of secrets) expect(text).not.toContain(secret)
  await using database = await openSqlite(join(lab.dataDir, 'admin/ai-lab.db'))
  const accounts = createAccountStore(database)
  expect(await accounts.identified({ issuer: club.issuer, subject: 'sub-1' })).toBe('alice@lab.example')
})

test('the secret of the client may be in a file', async () => {
  await using club = await openTestProvider()
  club.person = alice
  const { OIDC_CLIENT_SECRET: secret = '', ...env } = club.env
  await using folder = await openLab() // for its folder
  const file = join(folder.folder, 'secret')
  await writeFile(file, `${secret}\n`)
  await using lab = await openLab({ env: { ...env, OIDC_CLIENT_SECRET_FILE: file } })
  expect(await outcome({ club, lab } as Club)).toMatchObject({ me: { user_id: 'alice@lab.example' } })
})

test('a tier that the catalogue does not have keeps the service from starting, with a sentence', async () => {
  await using club = await openTestProvider()
  const env = { ...club.env, OIDC_TIER_GROUPS: 'club=gold' }
  await expect(openLab({ env })).rejects.toThrow(
    'OIDC_TIER_GROUPS: the catalogue has no tier "gold"; there are default, premium, enterprise',
  )
})

test('a provider that calls itself by another name is refused, and the log says by which', async () => {
  const lines: Record<string, unknown>[] = []
  await using club = await openTestProvider()
  const env = { ...club.env, OIDC_ISSUER: club.issuer.replace('127.0.0.1', 'localhost') }
  await using lab = await openLab({ env, logLevel: 'warn', log: (line) => lines.push(line) })
  await lab.as().get(start).expect(503)
  expect(lines.map(({ reason }) => reason)).toEqual([
    expect.stringContaining(`the provider calls itself ${club.issuer}; write this as OIDC_ISSUER`),
  ])
})

test('without a provider there is no such way in', async () => {
  await using lab = await openLab()
  await lab.as().get(start).expect(404)
  expect((await lab.as().get('/sign-in').expect(200)).text).not.toContain('openid')
})

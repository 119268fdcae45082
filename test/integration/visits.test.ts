// Visits of browsers to environments, each on an origin of its own.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { type Answer, type GatewayLab, openGatewayLab, openSocket } from '../support/gateway.ts'

let open: GatewayLab
let host: string
let session: string

const page = {
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  accept: 'text/html',
}
const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

beforeAll(async () => {
  open = await openGatewayLab()
  host = `${open.id}.localhost:5556`
  session = await signIn('owner@lab')
})
afterAll(() => open[Symbol.asyncDispose]())

/** Sets a password and signs in; gives the cookie of the session. */
async function signIn(id: string): Promise<string> {
  const password = 'a long enough password'
  const admin = open.lab.as(open.lab.adminToken)
  await admin.put(`/api/users/${id}/password`, { password }).expect(204)
  const { headers } = await open.lab.as().post('/api/session', { user_id: id, password }).expect(200)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

/** Opens an environment on the platform; gives where that leads. */
async function opened(cookie: string, path = `/open/${open.id}`): Promise<{ status: number; location: string }> {
  const { status, headers } = await open.lab
    .as()
    .get(path)
    .set({ cookie, ...page })
  return { status, location: headers.location ?? '' }
}

/** The same; gives the whole answer. */
function openPage(cookie: string, query = '') {
  return open.lab
    .as()
    .get(`/open/${open.id}${query}`)
    .set({ cookie, ...page })
}

/** Enters by a link of the platform; gives the answer of the gateway. */
function enter(location: string, at = host): Promise<Answer> {
  const { pathname, search } = new URL(location)
  return open.ask(pathname + search, { token: null, headers: { ...page, host: at } })
}

/** A visit: its cookie. */
async function visit(cookie = session): Promise<string> {
  const { headers } = await enter((await opened(cookie)).location)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

function asVisitor(
  cookie: string,
  path: string,
  headers: Record<string, string> = ownPage,
  at = host,
): Promise<Answer> {
  return open.ask(path, { token: null, headers: { cookie, host: at, ...headers } })
}

test('who is not signed in goes to the sign-in, and comes back to the page that was wanted', async () => {
  const asked = await asVisitor('', '/lab/tree/a.ipynb?x=1', page)
  const next = encodeURIComponent('/lab/tree/a.ipynb?x=1')
  expect([asked.status, asked.headers.location]).toEqual([303, `http://localhost:5555/open/${open.id}?next=${next}`])
  const { location } = await opened('', `/open/${open.id}?next=${next}`)
  expect(location).toBe(`/sign-in?next=${encodeURIComponent(`/open/${open.id}?next=${next}`)}`)
})

test('the platform hands over by a code to the own origin of the environment, whose cookie opens it', async () => {
  const { status, location } = await opened(session)
  expect(status).toBe(303)
  expect(location).toMatch(new RegExp(`^http://${host}/\\.ai-lab/enter\\?code=[\\w-]{40,}&next=%2Fenv%2F`))
  const entered = await enter(location)
  const next = `/env/${open.id}/lab/tree/data`
  expect([entered.status, entered.headers.location]).toEqual([303, `/.ai-lab/enter?next=${encodeURIComponent(next)}`])
  const [cookie = ''] = entered.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^ai-lab-visit=[\w-]{40,}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/)
  const onward = await asVisitor(cookie.split(';')[0] ?? '', entered.headers.location ?? '', page)
  expect([onward.status, onward.headers.location, onward.headers['set-cookie']]).toEqual([303, next, undefined])
  const { status: shown, body } = await asVisitor(cookie.split(';')[0] ?? '', `/env/${open.id}/lab`, page)
  expect(shown).toBe(200)
  expect(JSON.parse(body).headers.authorization).toMatch(/^token /)
  expect(body).not.toContain('ai-lab-visit')
  expect(body).not.toContain('ai-lab-session')
})

// Trouble (idleness): somebody opens a running environment just before its pause
test('the opening of a running environment counts as activity', async () => {
  const lastActivity = async () =>
    Date.parse((await open.owner.client.get(`/api/environments/${open.id}`).expect(200)).body.last_activity)
  const before = Date.now()
  expect((await opened(session)).status).toBe(303)
  expect(await lastActivity()).toBeGreaterThanOrEqual(before)
})

test('a code works once, at its own environment only, and leads back to the platform otherwise', async () => {
  const { location } = await opened(session)
  expect((await enter(location)).headers['set-cookie']).toHaveLength(1)
  const again = await enter(location)
  expect([again.status, again.headers['set-cookie']]).toEqual([303, undefined])
  expect(again.headers.location).toMatch(new RegExp(`^http://localhost:5555/open/${open.id}\\?next=`))
  const other = await enter((await opened(session)).location, 'ai-lab-jupyterlab-000000.localhost:5556')
  expect([other.status, other.headers['set-cookie']]).toEqual([303, undefined])
})

test('no cookie opens another environment, and no other person opens one', async () => {
  const cookie = await visit()
  const elsewhere = await asVisitor(cookie, '/', ownPage, 'ai-lab-jupyterlab-000000.localhost:5556')
  expect(elsewhere.status).toBe(401)
  await open.lab.newUser('stranger@lab')
  expect((await opened(await signIn('stranger@lab'))).status).toBe(404)
  // The cookie of the platform counts at no environment's own origin, and a token only below the path form.
  expect((await asVisitor(session, '/')).status).toBe(401)
  expect((await open.ask('/', { headers: { host, ...ownPage } })).status).toBe(401)
})

test("a program with a token uses the path form on the environment's own origin, and a browser's page does not", async () => {
  const { body } = await open.owner.client.get(`/api/environments/${open.id}`).expect(200)
  expect(body.program_url).toBe(`http://localhost:5556/env/${open.id}/`)
  const ask = (path: string, headers: Record<string, string> = {}, token: string | null = open.owner.token) =>
    open.ask(path, { token, headers: { host, ...headers } })
  const own = `/env/${open.id}/api/kernels`
  expect((await ask(own)).status).toBe(200)
  expect((await ask(`${own}?token=${open.owner.token}`, {}, null)).status).toBe(200)
  expect((await ask(own, {}, 'wrong')).status).toBe(401)
  expect((await ask(own, page)).status).toBe(303)
  expect((await ask(own, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).status).toBe(403)
  expect((await ask(own, {}, null)).status).toBe(401)
  expect((await ask('/env/ai-lab-jupyterlab-000000/api/kernels')).status).toBe(401)
  // With a visit it is the browser's: JupyterLab sends the secret that the gateway has overwritten in its page.
  expect((await ask(own, { cookie: await visit(), ...ownPage }, 'x'.repeat(40))).status).toBe(200)
})

test.each([
  ['a page of another environment', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
  ['a page beside it', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
])('%s cannot use the visit', async (_, headers) => {
  expect((await asVisitor(await visit(), '/api', headers)).status).toBe(403)
})

test('an unsafe request needs the own origin: another origin, null and none are refused', async () => {
  const cookie = await visit()
  const post = (headers: Record<string, string>) =>
    open.ask('/api/kernels', { method: 'POST', token: null, headers: { cookie, host, ...headers }, body: '{}' })
  for (const origin of ['http://evil.localhost:5556', 'null', `https://evil/${host}`]) {
    expect((await post({ origin })).status).toBe(403)
  }
  expect((await post({})).status).toBe(403)
  expect((await post({ origin: `http://${host}` })).status).toBe(200)
  expect((await post(ownPage)).status).toBe(200)
})

test('an upgrade needs the own origin too', async () => {
  const cookie = await visit()
  const upgrade = async (origin: string | null) => {
    const lines = [
      'GET /ws HTTP/1.1',
      `Host: ${host}`,
      `Cookie: ${cookie}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ]
    const more = origin === null ? [] : [`Origin: ${origin}`]
    const { socket, received } = await openSocket(open.port, `${[...lines, ...more].join('\r\n')}\r\n\r\n`)
    while (!received().includes('\r\n')) await sleep(5)
    socket.destroy()
    return Number(received().split(' ')[1])
  }
  expect(await Promise.all([`http://${host}`, 'http://evil.localhost:5556', 'null', null].map(upgrade))).toEqual([
    101, 403, 403, 403,
  ])
})

// Trouble (authority): a page of a notebook stays open after its person signed out
test('the end of the session ends the visit and its WebSockets within a second', async () => {
  const own = await signIn('owner@lab')
  const cookie = await visit(own)
  const lines = ['GET /ws HTTP/1.1', `Host: ${host}`, `Cookie: ${cookie}`, 'Connection: Upgrade', 'Upgrade: websocket']
  const { socket, received } = await openSocket(
    open.port,
    `${[...lines, `Origin: http://${host}`].join('\r\n')}\r\n\r\n`,
  )
  while (!received().includes('101')) await sleep(5)
  await open.lab.as().delete('/api/session').set({ cookie: own, origin: 'http://localhost:5555' }).expect(204)
  const signedOutAt = performance.now()
  await new Promise((resolve) => socket.once('end', resolve))
  expect(performance.now() - signedOutAt).toBeLessThan(1_000)
  expect((await asVisitor(cookie, '/api')).status).toBe(401)
  socket.destroy()
  session = await signIn('owner@lab')
})

test('whoever opens their paused or stopped environment resumes or starts it, and background requests do not', async () => {
  const cookie = await visit()
  const status = async () => (await open.owner.client.get(`/api/environments/${open.id}`)).body.status
  for (const [action, wanted] of [
    ['pause', 'paused'],
    ['stop', 'exited'],
  ] as const) {
    await open.owner.client.post(`/api/environments/${open.id}/${action}`).expect(202)
    await expect.poll(status).toBe(wanted)
    expect((await asVisitor(cookie, '/api/kernels')).status).toBe(503)
    expect(await status()).toBe(wanted)
    const { headers } = await asVisitor(cookie, `/env/${open.id}/lab`, page)
    const back = `/open/${open.id}?next=${encodeURIComponent(`/env/${open.id}/lab`)}`
    expect(headers.location).toBe(`http://localhost:5555${back}`)
    const { location } = await opened(session, back)
    expect(new URL(location).searchParams.get('next')).toBe(`/env/${open.id}/lab`)
    const again = (await enter(location)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await asVisitor(again, `/env/${open.id}/lab`, page)).status).toBe(200)
  }
})

test('while an environment starts, its page says so and looks again by itself; a program gets problem+json', async () => {
  const cookie = await visit()
  await open.owner.client.post(`/api/environments/${open.id}/stop`).expect(202)
  await expect
    .poll(async () => (await open.owner.client.get(`/api/environments/${open.id}`)).body.status)
    .toBe('exited')
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>()
  open.lab.engine.beforeCall = ({ name }) => (name === 'start' ? held : undefined)
  const shown = await openPage(session)
  expect([shown.status, shown.headers['content-type'], shown.headers.refresh]).toEqual([
    200,
    'text/html; charset=utf-8',
    `1;url=/open/${open.id}?waits=1`,
  ])
  expect(shown.text).toContain('is starting')
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'")
  const told = await asVisitor(cookie, '/api/kernels')
  expect([told.status, told.headers['content-type'], told.headers['retry-after']]).toEqual([
    503,
    'application/problem+json',
    '2',
  ])
  goOn()
  open.lab.engine.beforeCall = () => {}
  await expect.poll(async () => (await opened(session)).status).toBe(303)
})

test('a failed environment is not tried again by a mere visit; its page says why, and has a button for it', async () => {
  const { engine } = open.lab
  await open.owner.client.post(`/api/environments/${open.id}/stop`).expect(202)
  const status = async () => (await open.owner.client.get(`/api/environments/${open.id}`)).body.status
  await expect.poll(status).toBe('exited')
  engine.beforeCall = ({ name }) => {
    if (name === 'start') throw new Problem('engine-refused', 'The engine said no.')
  }
  await openPage(session)
  await expect.poll(status).toBe('failed')
  engine.beforeCall = () => {}
  const shown = await openPage(session, `?next=${encodeURIComponent('/lab/tree/a&b.ipynb')}`)
  expect([shown.status, shown.headers.refresh, await status()]).toEqual([200, undefined, 'failed'])
  expect(shown.text).toContain('The engine said no.')
  const [, action = ''] = /action="([^"]*)"/.exec(shown.text) ?? []
  expect(action).toBe(`/open/${open.id}?next=%2Flab%2Ftree%2Fa%26b.ipynb`)
  const press = (origin: string) => open.lab.as().post(action).type('form').send('').set({ cookie: session, origin })
  expect([(await press('http://evil.example')).status, await status()]).toEqual([403, 'failed'])
  const { headers } = await press('http://localhost:5555').expect(200)
  expect(headers.refresh).toBe(`0;url=${action}`)
  await expect.poll(async () => (await opened(session, action)).status).toBe(303)
  const { location } = await opened(session, action)
  expect(new URL(location).searchParams.get('next')).toBe('/lab/tree/a&b.ipynb')
})

test("the page of no environment, and of another person's, says so to a person", async () => {
  const shown = await open.lab
    .as()
    .get('/open/ai-lab-jupyterlab-000000')
    .set({ cookie: session, ...page })
  expect([shown.status, shown.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(shown.text).toContain('No such environment')
})

// Trouble (browser): a hostile page opens a page of the platform in a window, and goes on steering that window
test('a page that opened a page of ours in a window loses its hold on it; the pages of environments are left as they are', async () => {
  const policyOf = async (answer: PromiseLike<{ headers: Record<string, unknown> }>) =>
    (await answer).headers['cross-origin-opener-policy']
  const ours = ['/sign-in', '/sessions', '/open/ai-lab-jupyterlab-000000', '/problems/not-found', '/docs/']
  for (const path of ours) {
    const asked = open.lab
      .as()
      .get(path)
      .set({ cookie: session, ...page })
    expect([path, await policyOf(asked)]).toEqual([path, 'same-origin'])
  }
  const cookie = await visit()
  const refused = asVisitor('', '/.ai-lab/enter?next=%2F', page)
  expect([(await refused).status, await policyOf(refused)]).toEqual([403, 'same-origin'])
  expect(await policyOf(openPage(session))).toBeUndefined() // it leads on to the environment
  const environments = asVisitor(cookie, `/env/${open.id}/lab`, page)
  expect([(await environments).status, await policyOf(environments)]).toEqual([200, undefined])
})

// Trouble (authority): an administrator looks into somebody's notebook, and nobody can tell
test("an administrator opens another person's environment by a button alone, and its owner sees it", async () => {
  const admin = await signIn('admin')
  const shown = await openPage(admin)
  expect([shown.status, shown.headers.location]).toEqual([200, undefined])
  expect(shown.text).toContain('belongs to owner@lab')
  const openings = async () => (await open.owner.client.get(`/api/environments/${open.id}/openings`).expect(200)).body
  expect(await openings()).toEqual({ items: [], next_cursor: null })
  const press = (cookie: string, origin: string) =>
    open.lab.as().post(`/open/${open.id}`).type('form').send('').set({ cookie, origin })
  await press(admin, 'http://evil.example').expect(403)
  await press(await signIn('stranger@lab'), 'http://localhost:5555').expect(404)
  expect(await openings()).toEqual({ items: [], next_cursor: null })
  // Chromium would follow no redirect from a form to another origin than those of its page's policy.
  await press(admin, 'http://localhost:5555').expect(200).expect('refresh', `0;url=/open/${open.id}`)
  const { location } = await opened(admin)
  expect(await openings()).toEqual({
    items: [{ user_id: 'admin', by: 'browser', at: expect.any(String) }],
    next_cursor: null,
  })
  const cookie = (await enter(location)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  expect((await asVisitor(cookie, '/api')).status).toBe(200)
  const stranger = await open.lab.newUser('passer-by@lab')
  await stranger.client.get(`/api/environments/${open.id}/openings`).expect(404)
})

// Trouble (authority): somebody is no longer an administrator, and goes on in another person's notebook that they had open
test("demotion cuts an administrator's WebSockets and downloads of another person's environment within a second", async () => {
  const admin = open.lab.as(open.lab.adminToken)
  await admin.post('/api/users', { id: 'second', role: 'admin' }).expect(201)
  const issued = await admin.post('/api/tokens', { name: 'x', user_id: 'second', role: 'admin' }).expect(201)
  const second = await signIn('second')
  await open.lab
    .as()
    .post(`/open/${open.id}`)
    .type('form')
    .send('')
    .set({ cookie: second, origin: 'http://localhost:5555' })
  const visited = [`Host: ${host}`, `Origin: http://${host}`, `Cookie: ${await visit(second)}`]
  const own = `/env/${open.id}`
  const [theirs, ofOwner] = [issued.body.token as string, open.owner.token].map((token) => [
    'Host: x',
    `Authorization: Bearer ${token}`,
  ])
  const start = async (path: string, lines: string[], sign: string) => {
    const { socket, received } = await openSocket(open.port, `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    await expect.poll(received).toContain(sign)
    return socket
  }
  const both = async (base: string, lines: string[] = []) => [
    await start(`${base}/ws`, [...lines, 'Connection: Upgrade', 'Upgrade: websocket'], ' 101 '),
    await start(`${base}/trickle`, lines, 'a first word'),
  ]
  const cut = [...(await both('', visited)), ...(await both(own, theirs))]
  const goOn = await both(own, ofOwner)
  const ends = Promise.all(cut.map((socket) => once(socket, 'end', { signal: AbortSignal.timeout(5_000) })))
  await admin.patch('/api/users/second', { role: 'user' }).expect(200)
  const demotedAt = performance.now()
  await ends
  expect(performance.now() - demotedAt).toBeLessThan(1_000)
  expect((await open.ask(`${own}/x`, { token: issued.body.token })).status).toBe(404)
  expect(goOn.map(({ readableEnded }) => readableEnded)).toEqual([false, false])
  for (const socket of [...cut, ...goOn]) socket.destroy()
})

// Trouble (browser): a browser refuses cookies, and goes round in circles between two addresses
test('a browser that keeps no cookie gets a page that says so', async () => {
  const entered = await enter((await opened(session)).location)
  const { status, headers, body } = await asVisitor('', entered.headers.location ?? '', page)
  expect([status, headers.location]).toEqual([403, undefined])
  expect(body).toContain('Your browser keeps no cookies of this address')
})

test('nobody is led away from the environment by the way in', async () => {
  const { headers } = await asVisitor(await visit(), '/.ai-lab/enter?next=//evil.example', page)
  expect(headers.location).toBe('/')
})

// Trouble (browser): a page sets a second cookie of the name, and the browser goes round in circles between two addresses
test('a browser with two cookies of the name gets a page that says what to do', async () => {
  const { status, headers, body } = await asVisitor(`${await visit()}; ai-lab-visit=other`, '/lab', page)
  expect([status, headers.location]).toEqual([403, undefined])
  expect(body).toContain('Delete the cookies of this address')
})

test('a bookmark with a token in it goes through the sign-in without the token', async () => {
  const { headers } = await asVisitor('', '/lab?token=SECRET&reset=1', page)
  expect(headers.location).toBe(`http://localhost:5555/open/${open.id}?next=${encodeURIComponent('/lab?reset=1')}`)
})

// Trouble (authority): an administrator looks into somebody's notebook, and nobody can tell
test("an administrator's token opens another person's environment, and the log says so once", async () => {
  const lines: Record<string, unknown>[] = []
  await using watched = await openGatewayLab({ logLevel: 'info', log: (line) => lines.push(line) })
  for (let asked = 0; asked < 3; asked += 1) {
    expect((await watched.ask(`/env/${watched.id}/x`, { token: watched.lab.adminToken })).status).toBe(200)
  }
  expect((await watched.ask(`/env/${watched.id}/x`)).status).toBe(200)
  expect(lines.filter(({ msg }) => msg === 'an administrator opened the environment of another person')).toMatchObject([
    { environment: watched.id, owner: 'owner@lab', by: 'admin' },
  ])
})

test('the front door of an environment leads to its program', async () => {
  const { status, headers } = await asVisitor(await visit(), '/', page)
  expect([status, headers.location]).toEqual([303, `/env/${open.id}/lab/tree/data`])
})

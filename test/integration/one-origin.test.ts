// One origin for all environments: an ENVIRONMENTS_URL without {id}.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type GatewayLab, openGatewayLab, openSocket } from '../support/gateway.ts'

const host = 'env.lab.example.org'
const env = { PUBLIC_URL: 'https://lab.example.org', ENVIRONMENTS_URL: `https://${host}` }
const page = {
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  accept: 'text/html',
}
const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

let open: GatewayLab
let other: string
let session: string
const warnings: unknown[] = []

beforeAll(async () => {
  open = await openGatewayLab({
    env,
    logLevel: 'warn',
    log: ({ msg }) => warnings.push(msg),
  })
  const { body } = await open.owner.client
    .post('/api/environments', { template: 'jupyterlab' })
    .set('prefer', 'wait=10')
    .expect(202)
  other = body.id
  session = await signIn()
})
afterAll(() => open[Symbol.asyncDispose]())

async function signIn(): Promise<string> {
  const [id, password] = ['owner@lab', 'a long enough password']
  await open.lab.as(open.lab.adminToken).put(`/api/users/${id}/password`, { password }).expect(204)
  const { headers } = await open.lab.as().post('/api/session', { user_id: id, password }).expect(200)
  return cookieIn(headers['set-cookie'])
}

const cookieIn = (set: unknown) => String([set].flat()[0]).split(';')[0] ?? ''

async function openedAt(path: string): Promise<URL> {
  const { headers } = await open.lab
    .as()
    .get(path)
    .set({ cookie: session, ...page })
    .expect(303)
  return new URL(headers.location ?? '')
}

function asVisitor(cookie: string, path: string, headers: Record<string, string> = ownPage): Promise<Answer> {
  return open.ask(path, { token: null, headers: { host, ...(cookie && { cookie }), ...headers } })
}

async function enter(id = open.id): Promise<Answer> {
  const { pathname, search } = await openedAt(`/open/${id}`)
  return await asVisitor('', pathname + search, page)
}

const visit = async (id = open.id) => cookieIn((await enter(id)).headers['set-cookie'])

test('the platform hands over below the path of the environment, whose cookie is for that path alone', async () => {
  const { origin, pathname, searchParams } = await openedAt(`/open/${open.id}`)
  expect([origin, pathname]).toEqual([`https://${host}`, `/env/${open.id}/.ai-lab/enter`])
  expect(searchParams.get('next')).toBe(`/env/${open.id}/lab/tree/data`)
  const { status, headers } = await enter()
  const checks = `/env/${open.id}/.ai-lab/enter?next=${encodeURIComponent(`/env/${open.id}/lab/tree/data`)}`
  expect([status, headers.location]).toEqual([303, checks])
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(
      new RegExp(
        `^__Secure-ai-lab-visit=[\\w-]{40,}; Max-Age=\\d+; Path=/env/${open.id}/; HttpOnly; SameSite=Lax; Secure$`,
      ),
    ),
  ])
  const checked = await asVisitor(cookieIn(headers['set-cookie']), checks, page)
  expect([checked.status, checked.headers.location]).toEqual([303, `/env/${open.id}/lab/tree/data`])
})

test('a visit opens its own environment in the path form, and no other one', async () => {
  const cookie = await visit()
  const { status, body } = await asVisitor(cookie, `/env/${open.id}/lab`, page)
  expect(status).toBe(200)
  expect(body).not.toContain('ai-lab-visit')
  expect((await asVisitor(cookie, `/env/${other}/api`)).status).toBe(401)
  const code = (await openedAt(`/open/${open.id}`)).search
  const elsewhere = await asVisitor('', `/env/${other}/.ai-lab/enter${code}`, page)
  expect([elsewhere.status, elsewhere.headers['set-cookie']]).toEqual([303, undefined])
  // The session counts for nothing here.
  expect((await asVisitor(session, `/env/${open.id}/api`)).status).toBe(401)
  // On another host name the path form is for programs, as ever.
  const byOtherName = await open.ask(`/env/${open.id}/api`, { token: null, headers: { cookie, ...ownPage } })
  expect(byOtherName.status).toBe(401)
})

test('whoever has no visit goes to the platform, and comes back to the page that was wanted', async () => {
  const wanted = `/env/${open.id}/lab/tree/a.ipynb?x=1`
  const { status, headers } = await asVisitor('', wanted, page)
  const back = `/open/${open.id}?next=${encodeURIComponent(wanted)}`
  expect([status, headers.location]).toEqual([303, `https://lab.example.org${back}`])
  expect((await openedAt(back)).searchParams.get('next')).toBe(wanted)
})

test('no link leads from the entry of one environment to another one', async () => {
  const next = encodeURIComponent(`/env/${other}/lab`)
  const { pathname, search, searchParams } = await openedAt(`/open/${open.id}?next=${next}`)
  const own = `/env/${open.id}/env/${other}/lab`
  expect(searchParams.get('next')).toBe(own)
  const changed = search.replace(/next=.*/, `next=${encodeURIComponent(`/env/${open.id}/../${other}/lab`)}`)
  const checks = `/env/${open.id}/.ai-lab/enter?next=${encodeURIComponent(own)}`
  expect((await asVisitor('', pathname + changed, page)).headers.location).toBe(checks)
})

test('the start of an environment is where people work', async () => {
  const { status, headers } = await asVisitor(await visit(), `/env/${open.id}/`, page)
  expect([status, headers.location]).toEqual([303, `/env/${open.id}/lab/tree/data`])
})

test('a program with a token goes on as before on that host, and a browser with a token does not', async () => {
  const ask = (headers: Record<string, string>, token = open.owner.token) =>
    open.ask(`/env/${open.id}/api/kernels`, { token, headers: { host, ...headers } })
  expect((await ask({})).status).toBe(200)
  expect((await ask({}, 'wrong')).status).toBe(401)
  expect((await ask({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).status).toBe(403)
  expect((await ask(page)).status).toBe(303)
  // JupyterLab sends the secret that the gateway has overwritten in its page.
  expect((await ask({ cookie: await visit(), ...ownPage }, 'x'.repeat(40))).status).toBe(200)
})

test.each([
  ['a page of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
  ['a page of the platform', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
])('%s cannot use the visit', async (_, headers) => {
  expect((await asVisitor(await visit(), `/env/${open.id}/api`, headers)).status).toBe(403)
})

test('an unsafe request and an upgrade need the one origin', async () => {
  const cookie = await visit()
  const post = (origin: string) =>
    open.ask(`/env/${open.id}/api`, { method: 'POST', token: null, headers: { cookie, host, origin }, body: '{}' })
  const upgrade = async (origin: string) => {
    const lines = [`GET /env/${open.id}/ws HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`, `Origin: ${origin}`]
    const end = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const { socket, received } = await openSocket(open.port, `${lines.join('\r\n')}\r\n${end}`)
    while (!received().includes('\r\n')) await sleep(5)
    socket.destroy()
    return Number(received().split(' ')[1])
  }
  const origins = [`https://${host}`, 'https://lab.example.org', `http://${host}`, 'null']
  expect((await Promise.all(origins.map(post))).map(({ status }) => status)).toEqual([200, 403, 403, 403])
  expect(await Promise.all(origins.map(upgrade))).toEqual([101, 403, 403, 403])
})

test('two cookies of the name are none: the page says what to do', async () => {
  const { status, body } = await asVisitor(`${await visit()}; __Secure-ai-lab-visit=other`, `/env/${open.id}/lab`, page)
  expect([status, body.includes('Delete the cookies of this address')]).toEqual([403, true])
})

// Trouble (browser): the service worker of one environment's page gets the requests of all
test('no service worker of an environment reaches beyond its path', async () => {
  const cookie = await visit()
  const { status, headers } = await asVisitor(cookie, `/env/${open.id}/service-worker`)
  expect([status, headers['service-worker-allowed']]).toEqual([200, undefined])
  await using apart = await openGatewayLab()
  const own = await apart.ask(`/env/${apart.id}/service-worker`)
  expect(own.headers['service-worker-allowed']).toBe('/')
})

// Trouble (authority): a lab runs for years on the weaker pattern, and nobody knows
test('the log at the start and the health for administrators say that it is weaker, and the service is healthy', async () => {
  const words =
    /^All environments have one origin \(ENVIRONMENTS_URL=https:\/\/env.lab.example.org\).* Set ENVIRONMENTS_URL to/
  const ofBackups = expect.stringMatching(/^The backups are on the disk of the data root/)
  expect(warnings).toContainEqual(expect.stringMatching(words))
  const { body } = await open.lab.as(open.lab.adminToken).get('/api/health').expect(200)
  expect(body).toMatchObject({ status: 'healthy', weaknesses: [expect.stringMatching(words), ofBackups] })
  for (const client of [open.lab.as(), open.owner.client]) {
    expect((await client.get('/api/health').expect(200)).body).not.toHaveProperty('weaknesses')
  }
})

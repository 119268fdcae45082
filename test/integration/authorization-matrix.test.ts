// Who may call what: every route of the service and every way in at the gateway, for every kind of caller. A new route without
// a row fails.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scope, scope } from '../../src/domain/people/scope.ts'
import { type GatewayLab, openGatewayLab, openSocket } from '../support/gateway.ts'

const password = 'a long enough password'

/** Who gets in. `owner`: a person asks for their own environment; `own folder`: for the files of owner@lab. */
type Kind = 'anyone' | 'signed in' | 'owner' | 'own folder' | 'administrator'

/**
 * `scopes`: those that let a narrowed token in; each of the others is refused. A row without them is for a token with any scopes,
 * or for no token at all.
 */
type Row = { kind: Kind; scopes?: readonly Scope[]; body?: object; form?: string }

const sees = ['environments:read', 'environments:write', 'environments'] as const
const changes = ['environments:write', 'environments'] as const
const readsFiles = ['files:read', 'files:write', 'files'] as const
const changesFiles = ['files:write', 'files'] as const
const opens = ['environments:open', 'environments'] as const

const rows: Record<string, Row> = {
  'GET /': { kind: 'signed in', form: '' },
  'GET /console': { kind: 'signed in', form: '' },
  'GET /console/*': { kind: 'signed in', form: '' },
  'GET /problems': { kind: 'anyone' },
  'GET /problems/:code': { kind: 'anyone' },
  'GET /api/openapi.json': { kind: 'anyone' },
  'GET /api/health': { kind: 'anyone' },
  'GET /api/health/live': { kind: 'anyone' },
  'GET /api/health/ready': { kind: 'anyone' },
  'GET /metrics': { kind: 'administrator', scopes: ['metrics', 'admin'] },
  'POST /api/session': { kind: 'anyone', body: { user_id: 'nobody', password } },
  'DELETE /api/session': { kind: 'signed in' },
  'GET /api/me': { kind: 'signed in' },
  'GET /api/sessions': { kind: 'signed in', scopes: [] },
  'DELETE /api/sessions/:id': { kind: 'signed in' },
  'PUT /api/users/:id/password': { kind: 'administrator', scopes: [], body: { password } },
  'POST /api/users/:id/invitation': { kind: 'administrator', scopes: [] },
  'GET /api/templates': { kind: 'signed in', scopes: sees },
  'GET /api/tokens': { kind: 'signed in', scopes: ['tokens'] },
  'POST /api/tokens': { kind: 'signed in', scopes: ['tokens'], body: { name: 'x' } },
  'DELETE /api/tokens/:id': { kind: 'signed in' },
  'GET /api/shared/files': { kind: 'signed in', scopes: readsFiles },
  'GET /api/shared/files/*': { kind: 'signed in', scopes: readsFiles },
  'PUT /api/shared/files/*': { kind: 'administrator', scopes: changesFiles },
  'POST /api/shared/files/*': { kind: 'administrator', scopes: changesFiles, body: { op: 'make-folder' } },
  'DELETE /api/shared/files/*': { kind: 'administrator', scopes: changesFiles },
  'GET /api/shared/openings': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/shared/openings': { kind: 'administrator', scopes: ['admin'], body: { path: 'x', tier: 'default' } },
  'DELETE /api/shared/openings/:id': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/shared/datasets': { kind: 'signed in', scopes: readsFiles },
  'GET /api/shared/datasets/:name': { kind: 'signed in', scopes: readsFiles },
  'POST /api/shared/datasets/:name/copy': { kind: 'signed in', scopes: changesFiles },
  'POST /api/shared/datasets/:name/verify': { kind: 'signed in', scopes: readsFiles },
  'GET /api/users/:id/files': { kind: 'own folder', scopes: readsFiles },
  'GET /api/users/:id/files/*': { kind: 'own folder', scopes: readsFiles },
  'PUT /api/users/:id/files/*': { kind: 'own folder', scopes: changesFiles },
  'POST /api/users/:id/files/*': { kind: 'own folder', scopes: changesFiles, body: { op: 'make-folder' } },
  'DELETE /api/users/:id/files/*': { kind: 'own folder', scopes: changesFiles },
  'GET /api/users/:id/backups': { kind: 'own folder', scopes: readsFiles },
  'GET /api/users/:id/backups/:backup/files': { kind: 'own folder', scopes: readsFiles },
  'GET /api/users/:id/backups/:backup/content': { kind: 'own folder', scopes: readsFiles },
  'POST /api/users/:id/backups/:backup/restore': { kind: 'own folder', scopes: changesFiles, body: {} },
  'GET /api/shared/backups': { kind: 'signed in', scopes: readsFiles },
  'GET /api/shared/backups/:backup/files': { kind: 'administrator', scopes: changesFiles },
  'GET /api/shared/backups/:backup/content': { kind: 'administrator', scopes: changesFiles },
  'POST /api/shared/backups/:backup/restore': { kind: 'administrator', scopes: changesFiles, body: {} },
  'POST /api/uploads': { kind: 'signed in' },
  'PATCH /api/uploads/:id': { kind: 'signed in' },
  'DELETE /api/uploads/:id': { kind: 'signed in' },
  'GET /api/trash': { kind: 'signed in', scopes: changesFiles },
  'POST /api/trash/:id/restore': { kind: 'signed in' },
  'DELETE /api/trash/:id': { kind: 'signed in' },
  'GET /api/jobs': { kind: 'signed in', scopes: [...readsFiles, 'admin'] },
  'GET /api/jobs/:id': { kind: 'signed in' },
  'POST /api/jobs/:id/cancel': { kind: 'signed in' },
  'GET /api/environments': { kind: 'signed in', scopes: sees },
  'POST /api/environments': { kind: 'signed in', scopes: changes, body: { template: 'jupyterlab' } },
  'GET /api/events': { kind: 'signed in', scopes: sees },
  'GET /api/environments/:id': { kind: 'owner', scopes: sees },
  'PATCH /api/environments/:id': { kind: 'owner', scopes: changes, body: { name: 'x' } },
  'DELETE /api/environments/:id': { kind: 'owner', scopes: changes },
  ...Object.fromEntries(
    ['start', 'stop', 'restart', 'pause', 'resume', 'recreate'].map((action) => [
      `POST /api/environments/:id/${action}`,
      { kind: 'owner', scopes: changes } as const,
    ]),
  ),
  ...Object.fromEntries(
    ['stats', 'mounts', 'openings', 'logs', 'events'].map((what) => [
      `GET /api/environments/:id/${what}`,
      { kind: 'owner', scopes: sees } as const,
    ]),
  ),
  'GET /api/users': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/users': { kind: 'administrator', scopes: ['admin'], body: { id: 'admin' } },
  'GET /api/users/:id': { kind: 'administrator', scopes: ['admin'] },
  'PATCH /api/users/:id': { kind: 'administrator', scopes: ['admin'], body: {} },
  'DELETE /api/users/:id': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/data/orphans': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/data/orphans/:id/adopt': { kind: 'administrator', scopes: ['admin'], body: {} },
  'GET /api/data/consistency': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/data/consistency': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/users/:id/usage': { kind: 'administrator', scopes: [...sees, 'admin'] },
  'GET /api/admin/backups': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/admin/backups/:id': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/admin/backups/:id/files': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/admin/backups/:id/content': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/admin/backups': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/admin/backups/:id/restore': { kind: 'administrator', scopes: ['admin'], body: {} },
  'POST /api/admin/backups/drill': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/admin/backups/check': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/admin/legacy-backups': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/admin/legacy-backups/:name/restore': { kind: 'administrator', scopes: ['admin'], body: {} },
  'GET /api/admin/machine': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/data/usage': { kind: 'administrator', scopes: ['admin'] },
  'POST /api/data/usage': { kind: 'administrator', scopes: ['admin'] },
  'GET /api/data/usage/history': { kind: 'administrator', scopes: ['admin'] },
  'GET /open/:id': { kind: 'owner', scopes: [], form: '' },
  'POST /open/:id': { kind: 'owner', scopes: [], form: '' },
  'GET /sign-in': { kind: 'anyone' },
  'POST /sign-in': { kind: 'anyone', form: '' },
  'POST /sign-in/link': { kind: 'anyone', form: '' },
  'GET /sign-in/link/:code': { kind: 'anyone' },
  'GET /sign-in/openid': { kind: 'anyone' },
  'GET /sign-in/openid/callback': { kind: 'anyone' },
  'POST /sign-in/openid/logout': { kind: 'anyone', form: '' }, // with a token that the provider signed
  'GET /sessions': { kind: 'signed in', scopes: [], form: '' },
  'POST /sessions': { kind: 'signed in', form: 'id=unknown' },
  'POST /sign-out': { kind: 'anyone', form: '' },
}

// An identity provider, which is away, and a proxy, which is at another address.
const elsewhere = { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'x' }
const proxy = { TRUST_PROXY: '192.0.2.1', TRUSTED_USER_HEADER: 'X-Forwarded-Email' }

let open: GatewayLab
let token: Record<'owner' | 'other' | 'admin' | 'disabled' | 'expired' | 'revoked', string>
let narrowed: Record<Scope, string>
let session: string
let visit: string

beforeAll(async () => {
  open = await openGatewayLab({ env: { ...elsewhere, ...proxy } })
  const admin = open.lab.as(open.lab.adminToken)
  const issue = async (user_id: string, more = {}) => {
    const { body } = await admin.post('/api/tokens', { user_id, name: 'x', ...more }).expect(201)
    return body as { id: string; token: string }
  }
  const other = await open.lab.newUser('other@lab')
  const disabled = await open.lab.newUser('disabled@lab')
  await admin.patch('/api/users/disabled@lab', { disabled: true }).expect(200)
  const revoked = await issue('owner@lab')
  await admin.delete(`/api/tokens/${revoked.id}`).expect(204)
  token = {
    owner: open.owner.token,
    other: other.token,
    admin: open.lab.adminToken,
    disabled: disabled.token,
    expired: (await issue('owner@lab', { expires_in_seconds: 1 })).token,
    revoked: revoked.token,
  }
  const scoped = async (scope: string) => (await issue('admin', { role: 'admin', scopes: [scope] })).token
  const tokens = await Promise.all(scope.options.map(async (each) => [each, await scoped(each)] as const))
  narrowed = Object.fromEntries(tokens) as typeof narrowed
  await admin.put('/api/users/owner@lab/password', { password }).expect(204)
  const { headers } = await open.lab.as().post('/api/session', { user_id: 'owner@lab', password }).expect(200)
  session = cookieOf(headers['set-cookie'])
  visit = await enter()
  await sleep(1_100) // until the token has expired
})
afterAll(() => open[Symbol.asyncDispose]())

const cookieOf = (set: unknown) => String([set].flat()[0]).split(';')[0] ?? ''
const host = () => `${open.id}.localhost:5556`
const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

async function enter(): Promise<string> {
  const { headers } = await open.lab
    .as()
    .get(`/open/${open.id}`)
    .set({ cookie: session, ...page })
  const { pathname, search } = new URL(headers.location ?? '')
  const entered = await open.ask(pathname + search, { token: null, headers: { ...page, host: host() } })
  return cookieOf(entered.headers['set-cookie'])
}

/** `METHOD /path` of every route, from the tree that Fastify prints. HEAD goes with GET; the pages at /docs are files. */
function routesOf(tree: string): string[] {
  const parents: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^(.*?)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? []
    if (part === '') return []
    const depth = indent.length / 4
    const path = (parents[depth - 1] ?? '') + part
    parents[depth] = path
    return methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD' && !path.startsWith('/docs'))
      .map((method) => `${method} ${path.replace(/(?<!\/)\*$/, '/*')}`)
  })
}

test('every route has a row', () => {
  const routes = routesOf(open.lab.service.app.printRoutes({ commonPrefix: false }))
  expect(routes.toSorted()).toEqual(Object.keys(rows).toSorted())
})

// Trouble (input): a program needs a call of the service that the document does not have
test('every call below /api is in docs/openapi.json, but for the document itself', async () => {
  const { paths } = (await open.lab.as().get('/api/openapi.json').expect(200)).body as { paths: Record<string, object> }
  const documented = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('{path}', '*')}`),
  )
  const calls = Object.keys(rows).filter((row) => row.includes(' /api/'))
  const missing = calls.filter((call) => !documented.includes(call.replaceAll(/:(\w+)/g, '{$1}')))
  expect(missing).toEqual(['GET /api/openapi.json'])
})

type Asker = Record<string, string>

/** The status of a call that is refused for lack of rights, or `let in` for any other. */
async function outcome(route: string, { body, form }: Row, headers: Asker): Promise<number | 'let in'> {
  const [method = '', path = ''] = route.split(' ')
  const id =
    path.includes('/environments/') || path.startsWith('/open')
      ? open.id
      : path.includes('/files') || path.startsWith('/api/users/:id/backups')
        ? 'owner@lab'
        : 'unknown'
  const request = open.lab.as()[method.toLowerCase() as 'get'](
    path
      .replace(':backup', '2026-11-26T03-00-00Z-none')
      .replace(/:\w+$|:\w+(?=\/)/, id)
      .replace('*', 'x'),
  )
  request.set({ ...headers, ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) })
  const { status, headers: answered, text } = await request.send((form ?? body) as never)
  if (answered.location?.startsWith('/sign-in?')) return 401 // a page asks to sign in first
  if (status === 429 && text.includes('too-many-wrong-tokens')) return 401 // after thirty of them
  return [401, 403].includes(status) ? status : status === 404 && id === open.id ? 404 : 'let in'
}

/** Whether a caller who is let in changes nothing, and gets an answer that ends. */
const isRead = (route: string) => route.startsWith('GET') && !route.endsWith('/events')

const bearer = (secret: string): Asker => ({ authorization: `Bearer ${secret}` })

test.each(Object.entries(rows).filter(([, { kind }]) => kind !== 'anyone'))(
  '%s: only those get in who may, and each other caller gets the status that says why',
  async (route, row) => {
    const { kind, scopes } = row
    const isPage = row.form !== undefined && !route.includes(' /open/')
    const isForm = isPage && route.startsWith('POST')
    const ownPage: Asker = isForm ? { 'sec-fetch-site': 'same-origin' } : {}
    const of = (headers: Asker) => outcome(route, row, { ...ownPage, ...headers })
    if (isForm) expect(await outcome(route, row, {})).toBe(403)
    expect(await of({})).toBe(401)
    for (const dead of ['disabled', 'expired', 'revoked'] as const) {
      expect([dead, await of(bearer(token[dead]))]).toEqual([dead, 401])
    }
    expect(await of({ cookie: visit, 'sec-fetch-site': 'same-origin' })).toBe(401)
    expect(await of({ 'x-forwarded-email': 'admin', 'sec-fetch-site': 'same-origin' })).toBe(401)
    expect(await of({ cookie: session, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(403)
    expect(await of({ cookie: session, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(403)
    if (scopes) {
      for (const each of scope.options) {
        if (!scopes.includes(each)) expect([each, await of(bearer(narrowed[each]))]).toEqual([each, 403])
        else if (isRead(route)) expect([each, await of(bearer(narrowed[each]))]).toEqual([each, 'let in'])
      }
    }
    if (kind === 'administrator') {
      expect(await of(bearer(token.owner))).toBe(403)
      expect(await of({ cookie: session, 'sec-fetch-site': 'same-origin' })).toBe(403)
      if (isRead(route)) expect(await of(bearer(token.admin))).toBe('let in')
      return
    }
    if (kind === 'owner') expect(await of(bearer(token.other))).toBe(404)
    if (kind === 'own folder') expect(await of(bearer(token.other))).toBe(403)
    if (isPage || route.includes(' /open/') || route === 'DELETE /api/session') return
    // What the owner is let in to is tried on reads alone: a stop or a delete would end the environment of the other rows.
    if (isRead(route)) {
      expect(await of(bearer(token.owner))).toBe('let in')
      expect(await of({ cookie: session, 'sec-fetch-site': 'same-origin' })).toBe('let in')
      if (kind === 'owner' || kind === 'own folder') expect(await of(bearer(token.admin))).toBe('let in')
    }
  },
)

const nowhere = 'ai-lab-jupyterlab-000000'

/** Every way in at the gateway, and the status that each caller gets there. */
const ways: [string, () => { path: string; headers: Asker }, number][] = [
  ['path form: nobody', () => ({ path: `/env/${open.id}/`, headers: {} }), 401],
  ['path form: its owner', () => ({ path: `/env/${open.id}/`, headers: bearer(token.owner) }), 200],
  ['path form: another person', () => ({ path: `/env/${open.id}/`, headers: bearer(token.other) }), 404],
  ['path form: an administrator', () => ({ path: `/env/${open.id}/`, headers: bearer(token.admin) }), 200],
  ['path form: a disabled person', () => ({ path: `/env/${open.id}/`, headers: bearer(token.disabled) }), 401],
  ['path form: an expired token', () => ({ path: `/env/${open.id}/`, headers: bearer(token.expired) }), 401],
  ['path form: a revoked token', () => ({ path: `/env/${open.id}/`, headers: bearer(token.revoked) }), 401],
  ...scope.options.map((each): (typeof ways)[number] => [
    `path form: a token of the scope ${each}`,
    () => ({ path: `/env/${open.id}/`, headers: bearer(narrowed[each]) }),
    (opens as readonly Scope[]).includes(each) ? 200 : 403,
  ]),
  ['path form: a session', () => ({ path: `/env/${open.id}/`, headers: { cookie: session } }), 401],
  ['path form: a visit', () => ({ path: `/env/${open.id}/`, headers: { cookie: visit } }), 401],
  ['path form: an unknown environment', () => ({ path: `/env/${nowhere}/`, headers: bearer(token.owner) }), 404],
  ['own host: nobody', () => ({ path: '/x', headers: { host: host() } }), 401],
  ['own host: a token', () => ({ path: '/x', headers: { host: host(), ...bearer(token.owner) } }), 401],
  ['own host: a session', () => ({ path: '/x', headers: { host: host(), cookie: session } }), 401],
  ['own host: its visitor', () => ({ path: '/x', headers: { host: host(), cookie: visit } }), 200],
  [
    'own host: its visitor, from another origin',
    () => ({
      path: '/x',
      headers: { host: host(), cookie: visit, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    }),
    403,
  ],
  [
    "another environment's host: the visitor",
    () => ({ path: '/x', headers: { host: `${nowhere}.localhost:5556`, cookie: visit } }),
    401,
  ],
]

test.each(ways)('the gateway, %s', async (_, way, status) => {
  const { path, headers } = way()
  expect((await open.ask(path, { token: null, headers })).status).toBe(status)
})

test.each(ways)('an upgrade at the gateway, %s', async (name, way, status) => {
  const { path, headers } = way()
  const { 'sec-fetch-site': site, ...rest } = headers
  const at = rest.host ?? 'localhost:5556'
  const origin = site === undefined ? `http://${at}` : 'http://evil.localhost:5556'
  const lines = { host: at, connection: 'Upgrade', upgrade: 'websocket', origin, ...rest }
  const text = Object.entries(lines).map(([header, value]) => `${header}: ${value}\r\n`)
  const { socket, received } = await openSocket(open.port, `GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`)
  if (received() === '') await once(socket, 'data')
  socket.destroy()
  expect([name, Number(received().split(' ')[1])]).toEqual([name, status === 200 ? 101 : status])
})

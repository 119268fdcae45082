// Who may call what: every route of the service, for every kind of caller. A new route without a row fails.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scope, scope } from '../../src/domain/people/scope.ts'
import { bearer, type Callers, type Headers, openCallers } from '../support/callers.ts'
import { cookieOf, password } from '../support/sign-in.ts'
import { make, type Thing } from '../support/things.ts'

/**
 * Who gets in. `owner`: a person asks for what is theirs, by its id, and so may an administrator, unless it says `owner alone`; `own
 * folder`: for the files of owner@lab.
 *
 * `scopes`: those that let a narrowed token in; each of the others is refused. A row without them is for a token with any scopes,
 * or for no token at all.
 */
type Row = (
  | { kind: 'anyone' | 'signed in' | 'own folder' | 'administrator' }
  | { kind: 'owner' | 'owner alone'; of: Thing }
) & {
  scopes?: readonly Scope[]
  headers?: Headers
  body?: object
  form?: string
}

const tus = { 'tus-resumable': '1.0.0' }
const ofTus = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
const sees = ['environments:read', 'environments:write', 'environments'] as const
const changes = ['environments:write', 'environments'] as const
const readsFiles = ['files:read', 'files:write', 'files'] as const
const changesFiles = ['files:write', 'files'] as const

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
  'POST /api/session': { kind: 'anyone' },
  'DELETE /api/session': { kind: 'signed in' },
  'GET /api/me': { kind: 'signed in' },
  'GET /api/sessions': { kind: 'signed in', scopes: [] },
  'DELETE /api/sessions/:id': { kind: 'owner', of: 'session' },
  'PUT /api/users/:id/password': { kind: 'administrator', scopes: [], body: { password } },
  'POST /api/users/:id/invitation': { kind: 'administrator', scopes: [] },
  'GET /api/templates': { kind: 'signed in', scopes: sees },
  'GET /api/tokens': { kind: 'signed in', scopes: ['tokens'] },
  'POST /api/tokens': { kind: 'signed in', scopes: ['tokens'], body: { name: 'x', scopes: ['tokens'] } },
  'DELETE /api/tokens/:id': { kind: 'owner', of: 'token' },
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
  'GET /api/uploads': { kind: 'signed in', scopes: changesFiles },
  'POST /api/uploads': { kind: 'signed in' },
  'PATCH /api/uploads/:id': { kind: 'owner alone', of: 'upload', headers: ofTus },
  'DELETE /api/uploads/:id': { kind: 'owner alone', of: 'upload', headers: tus },
  'GET /api/trash': { kind: 'signed in', scopes: changesFiles },
  'POST /api/trash/:id/restore': { kind: 'owner', of: 'trashed entry' },
  'DELETE /api/trash/:id': { kind: 'owner', of: 'trashed entry' },
  'GET /api/jobs': { kind: 'signed in', scopes: [...readsFiles, 'admin'] },
  'GET /api/jobs/:id': { kind: 'owner', of: 'job' },
  'POST /api/jobs/:id/cancel': { kind: 'owner', of: 'job' },
  'GET /api/environments': { kind: 'signed in', scopes: sees },
  'POST /api/environments': { kind: 'signed in', scopes: changes, body: { template: 'jupyterlab' } },
  'GET /api/events': { kind: 'signed in', scopes: sees },
  'GET /api/environments/:id': { kind: 'owner', of: 'environment', scopes: sees },
  'PATCH /api/environments/:id': { kind: 'owner', of: 'environment', scopes: changes, body: { name: 'x' } },
  'DELETE /api/environments/:id': { kind: 'owner', of: 'environment', scopes: changes },
  ...Object.fromEntries(
    ['start', 'stop', 'restart', 'pause', 'resume', 'recreate'].map((action) => [
      `POST /api/environments/:id/${action}`,
      { kind: 'owner', of: 'environment', scopes: changes } as const,
    ]),
  ),
  ...Object.fromEntries(
    ['stats', 'mounts', 'openings', 'logs', 'events'].map((what) => [
      `GET /api/environments/:id/${what}`,
      { kind: 'owner', of: 'environment', scopes: sees } as const,
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
  'GET /open/:id': { kind: 'owner', of: 'environment', scopes: [], form: '' },
  'POST /open/:id': { kind: 'owner', of: 'environment', scopes: [], form: '' },
  'GET /sign-in': { kind: 'anyone' },
  'POST /sign-in': { kind: 'anyone' },
  'POST /sign-in/link': { kind: 'anyone' },
  'GET /sign-in/link/:code': { kind: 'anyone' },
  'GET /sign-in/openid': { kind: 'anyone' },
  'GET /sign-in/openid/callback': { kind: 'anyone' },
  'POST /sign-in/openid/logout': { kind: 'anyone' },
  'GET /sessions': { kind: 'signed in', scopes: [], form: '' },
  'POST /sessions': { kind: 'signed in', form: 'id=unknown' },
  'POST /sign-out': { kind: 'anyone' },
}

// An identity provider, which is away, and a proxy, which is at another address.
const elsewhere = { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'x' }
const proxy = { TRUST_PROXY: '192.0.2.1', TRUSTED_USER_HEADER: 'X-Forwarded-Email' }

let callers: Callers
beforeAll(async () => {
  callers = await openCallers({ ...elsewhere, ...proxy })
})
afterAll(() => callers[Symbol.asyncDispose]())

const lab = () => callers.open.lab

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
  const routes = routesOf(lab().service.app.printRoutes({ commonPrefix: false }))
  expect(routes.toSorted()).toEqual(Object.keys(rows).toSorted())
})

// Trouble (input): a program needs a call of the service that the document does not have
test('every call below /api is in docs/openapi.json, but for the document itself', async () => {
  const { paths } = (await lab().as().get('/api/openapi.json').expect(200)).body as { paths: Record<string, object> }
  const documented = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('{path}', '*')}`),
  )
  const calls = Object.keys(rows).filter((row) => row.includes(' /api/'))
  const missing = calls.filter((call) => !documented.includes(call.replaceAll(/:(\w+)/g, '{$1}')))
  expect(missing).toEqual(['GET /api/openapi.json'])
})

/** The status of a call that is refused for lack of rights, or that fails; `let in` for any other. `id`: of what is asked for. */
async function outcome(route: string, row: Row, headers: Headers, id: string): Promise<number | 'let in'> {
  const [method = '', path = ''] = route.split(' ')
  const request = lab()
    .as()
    [method.toLowerCase() as 'get'](
      path
        .replace(':backup', '2026-11-26T03-00-00Z-none')
        .replace(/:\w+$|:\w+(?=\/)/, id)
        .replace('*', 'x'),
    )
  const ofForm = row.form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }
  const {
    status,
    headers: answered,
    text,
  } = await request.set({ ...row.headers, ...ofForm, ...headers }).send((row.form ?? row.body) as never)
  if (answered.location?.startsWith('/sign-in?')) return 401 // a page asks to sign in first
  if (status === 429 && text.includes('too-many-wrong-tokens')) return 401 // after thirty of them
  const isRefused = [401, 403].includes(status) || (status === 404 && 'of' in row)
  return isRefused || status >= 500 ? status : 'let in'
}

const isRead = (route: string) => route.startsWith('GET')

/** The id of what a call is for. A call that changes something of the owner's gets its own to change. */
async function idFor(route: string, row: Row): Promise<string> {
  if (row.kind === 'own folder' || route.includes('/files')) return 'owner@lab'
  if (!('of' in row)) return 'unknown'
  return isRead(route) && row.of === 'environment' ? callers.open.id : await make(row.of, callers)
}

const ownPage = { 'sec-fetch-site': 'same-origin' }

test.each(Object.entries(rows).filter(([, { kind }]) => kind !== 'anyone'))(
  '%s: only those get in who may, and each other caller gets the status that says why',
  async (route, row) => {
    const { kind, scopes } = row
    const { token, narrowed, session, visit } = callers
    const isPage = row.form !== undefined && !route.includes(' /open/')
    const isForm = isPage && route.startsWith('POST')
    const id = await idFor(route, row)
    const of = (headers: Headers) => outcome(route, row, { ...(isForm && ownPage), ...headers }, id)
    if (isForm) expect(await outcome(route, row, {}, id)).toBe(403)
    expect(await of({})).toBe(401)
    for (const dead of ['disabled', 'expired', 'revoked'] as const) {
      expect([dead, await of(bearer(token[dead]))]).toEqual([dead, 401])
    }
    for (const dead of ['expired', 'revoked'] as const) {
      expect([dead, await of({ cookie: session[dead], ...ownPage })]).toEqual([dead, 401])
    }
    expect(await of({ cookie: visit.owner, ...ownPage })).toBe(401)
    expect(await of({ 'x-forwarded-email': 'admin', ...ownPage })).toBe(401)
    const asOwner = { cookie: session.owner, ...ownPage }
    expect(await of({ ...asOwner, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(403)
    expect(await of({ ...asOwner, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(403)
    if (kind === 'administrator') expect([await of(bearer(token.owner)), await of(asOwner)]).toEqual([403, 403])
    if ('of' in row) expect(await of(bearer(token.other))).toBe(404)
    if (kind === 'owner alone') expect(await of(bearer(token.admin))).toBe(404)
    if (kind === 'own folder') expect(await of(bearer(token.other))).toBe(403)
    for (const each of scope.options) {
      if (scopes && !scopes.includes(each)) expect([each, await of(bearer(narrowed[each]))]).toEqual([each, 403])
    }
    // A stream of events does not end, and the end of the session would refuse the other rows.
    if (route.endsWith('/events') || route === 'DELETE /api/session') return
    const takesTokens = !isPage && !route.includes(' /open/')
    const mayGetIn: Record<string, Headers> = {
      ...(kind !== 'administrator' && { 'its owner, by a session': asOwner }),
      ...(kind !== 'administrator' && takesTokens && { 'its owner, by a token': bearer(token.owner) }),
      ...(!['signed in', 'owner alone'].includes(kind) && takesTokens && { 'an administrator': bearer(token.admin) }),
      ...Object.fromEntries(scopes?.map((each) => [each, bearer(narrowed[each])]) ?? []),
    }
    for (const [who, headers] of Object.entries(mayGetIn)) {
      const told = await outcome(route, row, { ...(isForm && ownPage), ...headers }, await idFor(route, row))
      expect([who, told]).toEqual([who, 'let in'])
    }
  },
)

/** Calls that sign a person in or out, each with all that it needs but a page of the platform that it comes from. */
const signs: Record<string, () => Promise<{ cookie?: string; body: object | string }>> = {
  'POST /api/session': async () => ({ body: { user_id: 'owner@lab', password } }),
  'POST /sign-in': async () => ({ body: String(new URLSearchParams({ user_id: 'owner@lab', password })) }),
  'POST /sign-in/link': async () => {
    const { body } = await lab().as(callers.token.admin).post('/api/users/other@lab/invitation').expect(201)
    const code = new URL(body.url).pathname.split('/').at(-1) ?? ''
    return { body: String(new URLSearchParams({ code, user_id: 'other@lab', password })) }
  },
  'POST /sign-out': async () => ({ cookie: await callers.signIn(), body: '' }),
}

const fromElsewhere: Record<string, Headers> = {
  'a script': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'http://evil.example' },
  'a form': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  "a form of an environment's page": {
    ...{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    origin: 'http://x.localhost:5556',
  },
  'a browser that says the origin alone': { origin: 'http://evil.example' },
  'a page of no origin': { origin: 'null' },
}

const ofAnyone = Object.entries(rows).filter(([, { kind }]) => kind === 'anyone')

test('every call that anyone may make and that changes something is one that signs in or out', () => {
  const changes = ofAnyone.map(([route]) => route).filter((route) => !isRead(route))
  const byProvider = 'POST /sign-in/openid/logout' // it brings a token that the provider signed, from any address
  expect(changes.toSorted()).toEqual([...Object.keys(signs), byProvider].toSorted())
})

// Trouble (authority): a page of another origin signs its visitor in to another account, or out
test.each(Object.entries(signs))('%s: no page of another origin signs anybody in or out', async (route, prepare) => {
  const { cookie, body } = await prepare()
  const send = (headers: Headers) =>
    lab()
      .as()
      .post(route.split(' ')[1] ?? '')
      .set({ ...headers, ...(cookie && { cookie }) })
      .type(typeof body === 'string' ? 'form' : 'json')
      .send(body as never)
  for (const [who, headers] of Object.entries(fromElsewhere)) {
    const { status, headers: answered } = await send(headers)
    expect([who, status, answered['set-cookie']]).toEqual([who, 403, undefined])
  }
  expect(cookieOf((await send(ownPage)).headers)).toMatch(
    route === 'POST /sign-out' ? /^ai-lab-session=$/ : /^ai-lab-session=./,
  )
})

test.each(ofAnyone.filter(([route]) => isRead(route)))('%s: the answer is the same for everybody', async (route) => {
  const ask = async (headers: Headers) => {
    const { status, headers: answered } = await lab()
      .as(headers)
      .get((route.split(' ')[1] ?? '').replace(':code', 'unknown'))
    return { status, cookie: /ai-lab-session=[^;]/.test(String(answered['set-cookie'])) }
  }
  const { status } = await ask({})
  const others = { ...fromElsewhere, 'an expired token': bearer(callers.token.expired) }
  for (const [who, headers] of Object.entries(others)) {
    expect([who, await ask(headers)]).toEqual([who, { status, cookie: false }])
  }
})

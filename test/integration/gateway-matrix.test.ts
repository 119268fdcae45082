// Who may do what at the gateway: every way in, for every kind of caller; as a request, an upgrade, and a download that nginx carries.
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scope, scope } from '../../src/domain/people/scope.ts'
import { bearer, type Callers, type Headers, hostOf, openCallers, page } from '../support/callers.ts'
import { openSocket } from '../support/gateway.ts'

const opens: readonly Scope[] = ['environments:open', 'environments']
const nowhere = 'ai-lab-jupyterlab-000000'
const elsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }

let callers: Callers
let id: string

beforeAll(async () => {
  callers = await openCallers({ OFFLOAD: 'nginx', TRUST_PROXY: '127.0.0.1' })
  id = callers.open.id
})
afterAll(() => callers[Symbol.asyncDispose]())

type Way = { id?: string; host?: string; headers?: Headers }

/** Every way to `/env/<id>/` at the gateway, and the status that each caller gets there. */
const ways: [string, () => Way, number][] = [
  ['path form: nobody', () => ({}), 401],
  ['path form: its owner', () => ({ headers: bearer(callers.token.owner) }), 200],
  ['path form: another person', () => ({ headers: bearer(callers.token.other) }), 404],
  ['path form: an administrator', () => ({ headers: bearer(callers.token.admin) }), 200],
  ...(['disabled', 'expired', 'revoked'] as const).map((dead): (typeof ways)[number] => [
    `path form: a token that is ${dead}`,
    () => ({ headers: bearer(callers.token[dead]) }),
    401,
  ]),
  ...scope.options.map((each): (typeof ways)[number] => [
    `path form: a token of the scope ${each}`,
    () => ({ headers: bearer(callers.narrowed[each]) }),
    opens.includes(each) ? 200 : 403,
  ]),
  ['path form: a session', () => ({ headers: { cookie: callers.session.owner } }), 401],
  ['path form: a visit', () => ({ headers: { cookie: callers.visit.owner } }), 401],
  ['path form: an unknown environment', () => ({ id: nowhere, headers: bearer(callers.token.owner) }), 404],
  ['own host: nobody', () => ({ host: hostOf(id) }), 401],
  ['own host: a token', () => ({ host: hostOf(id), headers: bearer(callers.token.owner) }), 200],
  ["own host: another person's token", () => ({ host: hostOf(id), headers: bearer(callers.token.other) }), 404],
  ['own host: a session', () => ({ host: hostOf(id), headers: { cookie: callers.session.owner } }), 401],
  ['own host: its visitor', () => ({ host: hostOf(id), headers: { cookie: callers.visit.owner } }), 200],
  ...(['expired', 'revoked'] as const).map((dead): (typeof ways)[number] => [
    `own host: a visitor whose session is ${dead}`,
    () => ({ host: hostOf(id), headers: { cookie: callers.visit[dead] } }),
    401,
  ]),
  [
    'own host: its visitor, from another origin',
    () => ({ host: hostOf(id), headers: { cookie: callers.visit.owner, ...elsewhere } }),
    403,
  ],
  [
    'the host of another environment of the same owner: the visitor',
    () => ({ id: callers.secondId, host: hostOf(callers.secondId), headers: { cookie: callers.visit.owner } }),
    401,
  ],
  [
    'the host of another environment of the same owner: the visitor, to the path of their own',
    () => ({ host: hostOf(callers.secondId), headers: { cookie: callers.visit.owner } }),
    401,
  ],
  [
    'the host of another environment of the same owner: a token, to the path of the first',
    () => ({ host: hostOf(callers.secondId), headers: bearer(callers.token.owner) }),
    401,
  ],
  [
    'the host of an unknown environment: the visitor',
    () => ({ id: nowhere, host: hostOf(nowhere), headers: { cookie: callers.visit.owner } }),
    401,
  ],
]

function asked(way: Way, what: string): { path: string; headers: Headers } {
  return { path: `/env/${way.id ?? id}/${what}`, headers: { ...(way.host && { host: way.host }), ...way.headers } }
}

function ask({ path, headers }: { path: string; headers: Headers }) {
  return callers.open.ask(path, { token: null, headers })
}

async function statusOfUpgrade({ path, headers }: { path: string; headers: Headers }): Promise<number> {
  const { 'sec-fetch-site': site, ...rest } = headers
  const host = rest.host ?? 'localhost:5556'
  const origin = site === undefined ? `http://${host}` : 'http://evil.localhost:5556'
  const lines = { host, connection: 'Upgrade', upgrade: 'websocket', origin, ...rest }
  const text = Object.entries(lines).map(([header, value]) => `${header}: ${value}\r\n`)
  const { socket, received } = await openSocket(callers.open.port, `GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`)
  if (received() === '') await once(socket, 'data')
  socket.destroy()
  return Number(received().split(' ')[1])
}

test.each(ways)('the gateway, %s', async (_, way, status) => {
  expect((await ask(asked(way(), 'x'))).status).toBe(status)
})

test.each(ways)('an upgrade at the gateway, %s', async (_, way, status) => {
  expect(await statusOfUpgrade(asked(way(), 'x'))).toBe(status === 200 ? 101 : status)
})

test.each(ways)('a download that nginx carries, %s', async (_, way, status) => {
  const { path, headers } = asked(way(), 'files/x.bin')
  const answer = await ask({ path, headers: { ...headers, 'x-ai-lab-offload': 'nginx' } })
  const led = { status: 502, to: path }
  expect({ status: answer.status, to: answer.headers['x-ai-lab-target'] }).toEqual(status === 200 ? led : { status })
})

test.each<[string, () => Headers, number]>([
  ['a token', () => bearer(callers.token.owner), 401],
  ['its visitor', () => ({ cookie: callers.visit.owner }), 200],
])("the gateway, at a path of an environment's own host without its id: %s", async (_, headers, status) => {
  const request = { path: '/x', headers: { host: hostOf(id), ...headers() } }
  expect((await ask(request)).status).toBe(status)
  expect(await statusOfUpgrade(request)).toBe(status === 200 ? 101 : status)
})

// A visit begins at /.ai-lab/enter, with a code that the platform gave.
const entries: [string, () => Promise<{ path?: string; headers?: Headers }>, { status: number; isIn: boolean }][] = [
  ['a person with a code', async () => ({}), { status: 303, isIn: true }],
  ['a program with a code', async () => ({ headers: { 'sec-fetch-mode': 'cors' } }), { status: 403, isIn: false }],
  ['a frame with a code', async () => ({ headers: { 'sec-fetch-dest': 'iframe' } }), { status: 403, isIn: false }],
  [
    'a person with no code',
    async () => ({ path: '/.ai-lab/enter?next=/', headers: { cookie: callers.session.owner } }),
    { status: 403, isIn: false },
  ],
  ['a person with a wrong code', async () => ({ path: '/.ai-lab/enter?code=x' }), { status: 303, isIn: false }],
  [
    'a person with a code that was used',
    async () => {
      const path = await callers.handOver(callers.session.owner)
      await ask({ path, headers: { ...page, host: hostOf(id) } })
      return { path }
    },
    { status: 303, isIn: false },
  ],
  [
    'a person with a code of a session that has ended',
    async () => {
      const cookie = await callers.signIn()
      const path = await callers.handOver(cookie)
      await callers.open.lab.as({ cookie, 'sec-fetch-site': 'same-origin' }).delete('/api/session').expect(204)
      return { path }
    },
    { status: 303, isIn: false },
  ],
  [
    'a person with a code of another environment',
    async () => ({ headers: { host: hostOf(callers.secondId) } }),
    { status: 303, isIn: false },
  ],
  [
    'a person with a code, where there is no environment',
    async () => ({ headers: { host: 'localhost:5556' } }),
    { status: 404, isIn: false },
  ],
]

// Trouble (authority): a code of another environment, or of a session that has ended, lets somebody in
test.each(entries)('the way in at the gateway, %s', async (_, entry, { status, isIn }) => {
  const { path = await callers.handOver(callers.session.owner), headers } = await entry()
  const answer = await ask({ path, headers: { ...page, host: hostOf(id), ...headers } })
  expect({ status: answer.status, isIn: answer.headers['set-cookie'] !== undefined }).toEqual({ status, isIn })
})

test('an upgrade does not use a code up', async () => {
  const path = await callers.handOver(callers.session.owner)
  expect(await statusOfUpgrade({ path, headers: { host: hostOf(id) } })).toBe(401)
  expect((await ask({ path, headers: { ...page, host: hostOf(id) } })).headers['set-cookie']).toHaveLength(1)
})

test.each<[string, () => Way, number]>([
  ['nobody', () => ({}), 200],
  ['a page of another origin', () => ({ headers: elsewhere }), 200],
  ['a token that is revoked', () => ({ headers: bearer(callers.token.revoked) }), 200],
  ["nobody, at an environment's own host", () => ({ host: hostOf(id) }), 401],
  [
    "its visitor, at an environment's own host",
    () => ({ host: hostOf(id), headers: { cookie: callers.visit.owner } }),
    200,
  ],
])('the health of the gateway, %s', async (_, way, status) => {
  const { headers } = asked(way(), '')
  const answer = await ask({ path: '/.ai-lab/health', headers })
  expect(answer.status).toBe(status)
  const isOfGateway = answer.body === '{"status":"healthy"}'
  expect(isOfGateway).toBe(headers.host === undefined)
})

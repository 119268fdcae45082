/** A lab with an environment, and everybody who may ask for something there, with credentials that count and that no longer do. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAccountStore } from '../../src/database/account-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { type Scope, scope } from '../../src/domain/people/scope.ts'
import { type GatewayLab, openGatewayLab } from './gateway.ts'
import { cookieOf, password } from './sign-in.ts'

export type Callers = AsyncDisposable & {
  open: GatewayLab
  /** Tokens; the last two of the owner. */
  token: Record<'owner' | 'other' | 'admin' | 'disabled' | 'expired' | 'revoked', string>
  /** An administrator's tokens, each of one scope. */
  narrowed: Record<Scope, string>
  /** Cookies of the owner's sessions. */
  session: Record<'owner' | 'expired' | 'revoked', string>
  /** Cookies of the visits to the environment that began in these sessions. */
  visit: Record<'owner' | 'expired' | 'revoked', string>
  /** Another running environment of the owner. */
  secondId: string
  /** A new session of the owner: its cookie. */
  signIn(): Promise<string>
  /** Where the platform hands a session over to the environment: a path with a code. */
  handOver(session: string): Promise<string>
}

export type Headers = Record<string, string>

export const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` })
/** What a browser says when a person opens a page. */
export const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
export const hostOf = (id: string) => `${id}.localhost:5556`

export async function openCallers(env: Record<string, string>): Promise<Callers> {
  await using stack = new AsyncDisposableStack()
  const open = stack.use(await openGatewayLab({ env }))
  const { lab, id } = open
  const admin = lab.as(lab.adminToken)
  const issue = async (user_id: string, more = {}) => {
    const { body } = await admin.post('/api/tokens', { user_id, name: 'x', ...more }).expect(201)
    return body as { id: string; token: string }
  }
  const other = await lab.newUser('other@lab')
  const disabled = await lab.newUser('disabled@lab')
  await admin.patch('/api/users/disabled@lab', { disabled: true }).expect(200)
  const revoked = await issue('owner@lab')
  await admin.delete(`/api/tokens/${revoked.id}`).expect(204)
  const token = {
    owner: open.owner.token,
    other: other.token,
    admin: lab.adminToken,
    disabled: disabled.token,
    expired: (await issue('owner@lab', { expires_in_seconds: 1 })).token,
    revoked: revoked.token,
  }
  const ofScope = async (each: Scope) => (await issue('admin', { role: 'admin', scopes: [each] })).token
  const tokens = await Promise.all(scope.options.map(async (each) => [each, await ofScope(each)] as const))
  const { body: second } = await open.owner.client
    .post('/api/environments', { template: 'jupyterlab' })
    .set('prefer', 'wait=10')
    .expect(202)

  await admin.put('/api/users/owner@lab/password', { password }).expect(204)
  const signIn = async () =>
    cookieOf((await lab.as().post('/api/session', { user_id: 'owner@lab', password }).expect(200)).headers)
  const handOver = async (cookie: string) => {
    const { headers } = await lab
      .as({ cookie, ...page })
      .get(`/open/${id}`)
      .expect(303)
    const { pathname, search } = new URL(headers.location ?? '')
    return pathname + search
  }
  const visitOf = async (session: string) =>
    cookieOf((await open.ask(await handOver(session), { token: null, headers: { ...page, host: hostOf(id) } })).headers)
  const session = { owner: await signIn(), expired: await signIn(), revoked: await signIn() }
  const visit = {
    owner: await visitOf(session.owner),
    expired: await visitOf(session.expired),
    revoked: await visitOf(session.revoked),
  }
  const idOfSession = async (cookie: string): Promise<string> => {
    const { body } = await lab.as({ cookie }).get('/api/sessions').expect(200)
    return body.items.find(({ current }: { current: boolean }) => current).id
  }
  await admin.delete(`/api/sessions/${await idOfSession(session.revoked)}`).expect(204)
  await expire(lab.dataDir, await idOfSession(session.expired))
  await sleep(1_100) // until the token has expired

  const rest = stack.move()
  return {
    ...{ open, token, session, visit, signIn, handOver },
    narrowed: Object.fromEntries(tokens) as Record<Scope, string>,
    secondId: second.id,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** Makes a session as old as one that nobody has used for long. */
async function expire(dataDir: string, id: string): Promise<void> {
  await using database = await openSqlite(join(dataDir, 'admin/ai-lab.db'))
  await createAccountStore(database).recordSessionUse(id, { lastUsedAt: 1, expiresAt: 2 })
}

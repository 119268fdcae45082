import { AsyncLocalStorage } from 'node:async_hooks'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, type JWK, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'

type Person = { sub: string } & Record<string, unknown>
type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A real OpenID Connect provider on loopback, whose login page signs in whoever `person` is. */
export type TestProvider = AsyncDisposable & {
  issuer: string
  /** The settings of a service that trusts it. */
  env: Record<string, string>
  /** Who signs in next; null: they refuse. */
  person: Person | null
  /** How far the provider's clock is ahead, in seconds. */
  skewSeconds: number
  /** What it answers at a path in place of its own answer. */
  answers: Map<string, Answer>
  /** Gets what it sends to the service by itself. */
  onLogout: ((form: string) => Promise<number>) | null
  /** A token with these claims, signed by its key. It is of now unless `iat` says otherwise. */
  sign(claims: Record<string, unknown>): Promise<string>
  /** How often it was asked at each path. */
  asked: Map<string, number>
  /** From now on it signs with another key, and knows the earlier ones no more. */
  rotateKeys(): void
  /** It is away until `comeBack`. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

const clientId = 'ai-lab'
const clientSecret = 'secret of the client: +/%'
const claimsOf = { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] }

// The provider and the service share a process, but not a clock.
const skew = new AsyncLocalStorage<number>()
const realNow = Date.now
Date.now = () => realNow() + (skew.getStore() ?? 0)

export async function openTestProvider({
  publicUrl = 'http://localhost:5555',
  idTokenSeconds = 60,
  claimsInIdToken = false,
}: {
  publicUrl?: string
  idTokenSeconds?: number
  claimsInIdToken?: boolean
} = {}): Promise<TestProvider> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer(
    (request, response) => void skew.run(state.skewSeconds * 1_000, handle, request, response),
  )
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  const issuer = `http://127.0.0.1:${port}`
  const people = new Map<string, Person>()

  const withKey = (key: JWK) => {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${publicUrl}/sign-in/openid/callback`],
          backchannel_logout_uri: `${publicUrl}/sign-in/openid/logout`,
          backchannel_logout_session_required: true,
          post_logout_redirect_uris: [`${publicUrl}/sign-in`],
        },
      ],
      claims: { ...claimsOf, groups: ['groups', '_claim_names'] },
      scopes: ['openid', 'email', 'profile', 'groups'],
      conformIdTokenClaims: !claimsInIdToken,
      cookies: { keys: ['a key of the cookies'] },
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      fetch: async (_, init) => new Response(null, { status: (await state.onLogout?.(String(init?.body))) ?? 500 }),
      findAccount: (_, sub) => ({ accountId: sub, claims: () => people.get(sub) ?? { sub } }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      jwks: { keys: [key] },
      ttl: { IdToken: idTokenSeconds, AccessToken: 60, AuthorizationCode: 60, Grant: 60, Interaction: 60, Session: 60 },
      renderError: (context, out) => {
        context.body = JSON.stringify(out)
      },
    })
    return { key, provider, callback: provider.callback() }
  }
  let current = withKey(newKey())

  /** Its login page, at which nobody has to type. */
  async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { person } = state
    if (!person) {
      const error = { error: 'access_denied', error_description: '<b>no</b>' }
      return await current.provider.interactionFinished(request, response, error)
    }
    people.set(person.sub, person)
    const grant = new current.provider.Grant({ accountId: person.sub, clientId })
    grant.addOIDCScope('openid email profile groups')
    const result = { login: { accountId: person.sub }, consent: { grantId: await grant.save() } }
    await current.provider.interactionFinished(request, response, result)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? ''
    state.asked.set(path, (state.asked.get(path) ?? 0) + 1)
    const answer = state.answers.get(path)
    if (answer) answer(request, response)
    else if (path.startsWith('/interaction/')) await logIn(request, response)
    else await current.callback(request, response)
  }

  const goAway = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    if (server.listening) await once(server, 'close')
  }
  const state: TestProvider = {
    issuer,
    env: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: 'The Club' },
    person: null,
    skewSeconds: 0,
    answers: new Map(),
    asked: new Map(),
    onLogout: null,
    async sign(claims) {
      const { key } = current
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid ?? '' })
      return await jwt
        .setIssuedAt(claims.iat as number | undefined)
        .setExpirationTime('2m')
        .setJti(randomUUID())
        .sign(await importJWK(key))
    },
    rotateKeys() {
      current = withKey(newKey())
    },
    goAway,
    async comeBack() {
      await listen(port)
    },
    [Symbol.asyncDispose]: goAway,
  }
  return state
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' } as JWK
}

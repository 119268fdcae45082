import type { JWTVerifyGetKey } from 'jose'
import type { Configuration, ServerMetadata } from 'openid-client'
import { toleranceSeconds } from '../domain/people/ended-elsewhere.ts'
import type { Claims } from '../domain/people/provider-claims.ts'
import type { Clock } from '../ports/clock.ts'
import type { Attempt, IdentityProvider } from '../ports/identity-provider.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { keysOf, readLogoutToken } from './logout-token.ts'
import { away, failed, notEnded } from './problem-of.ts'

const limitSeconds = 10
const knownForMs = 3_600_000
const quietAfterFailureMs = 3_000

export type ProviderSettings = {
  /** For people to read. */
  name: string
  issuer: string
  clientId: string
  clientSecret: string
  /** Where the provider sends browsers back to. */
  callbackUrl: string
  /** Where it sends them after a sign-out. */
  afterSignOutUrl: string
}

type Library = typeof import('openid-client')
type Known = { library: Library; metadata: ServerMetadata; keys: JWTVerifyGetKey }

/**
 * A provider, which is asked for its addresses when somebody first needs it, and once an hour after that. People who need it at
 * one time share one question; a failure is remembered for three seconds.
 */
export function createOpenIdProvider(settings: ProviderSettings, { steady }: Pick<Clock, 'steady'>): IdentityProvider {
  const { name, issuer, clientId, clientSecret, callbackUrl, afterSignOutUrl } = settings
  let answer: { known: Promise<Known>; until: number } | null = null

  function known(): Promise<Known> {
    if (answer && steady() < answer.until) return answer.known
    const asked = { known: discover(), until: Number.POSITIVE_INFINITY }
    asked.known.then(
      () => {
        asked.until = steady() + knownForMs
      },
      () => {
        asked.until = steady() + quietAfterFailureMs
      },
    )
    answer = asked
    return asked.known
  }

  async function discover(): Promise<Known> {
    const library = await import('openid-client') // most starts end before anybody signs in
    const options = { timeout: limitSeconds, [library.customFetch]: boundedFetch, execute: overHttp(library) }
    try {
      const found = await library.discovery(new URL(issuer), clientId, undefined, undefined, options)
      const metadata = found.serverMetadata()
      return { library, metadata, keys: await keysOf(metadata) }
    } catch (error) {
      throw away(name, error)
    }
  }

  /** `boundedFetch` decides where plain http may go. */
  function overHttp({ allowInsecureRequests }: Library): ((configuration: Configuration) => void)[] {
    return issuer.startsWith('http:') ? [allowInsecureRequests] : []
  }

  /** One for each use, so that each sign-in asks for the keys anew: a key may be new, or not to be trusted any more. */
  async function configured(): Promise<{ library: Library; configuration: Configuration; metadata: ServerMetadata }> {
    const { library, metadata } = await known()
    const { token_endpoint_auth_methods_supported: methods } = metadata
    const takesBasic = methods?.includes('client_secret_basic') ?? true // OpenID Connect Discovery, 3
    const authentication = (takesBasic ? library.ClientSecretBasic : library.ClientSecretPost)(clientSecret)
    const client = { [library.clockTolerance]: toleranceSeconds }
    const configuration = new library.Configuration(metadata, clientId, client, authentication)
    configuration.timeout = limitSeconds
    configuration[library.customFetch] = boundedFetch
    for (const extend of [...overHttp(library), library.enableNonRepudiationChecks]) extend(configuration)
    return { library, configuration, metadata }
  }

  /** An address that the provider told. @throws Problem identity-provider-away if it told none, or one that no browser may go to */
  function usable(build: () => URL): string {
    try {
      return build().href
    } catch (error) {
      throw away(name, error)
    }
  }

  return {
    async signInUrl({ state, nonce, codeVerifier }) {
      const { library, configuration, metadata } = await configured()
      const parameters = {
        redirect_uri: callbackUrl,
        scope: scopeFor(metadata),
        state,
        nonce,
        code_challenge: await library.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }
      return usable(() => library.buildAuthorizationUrl(configuration, parameters))
    },

    async claimsOf(query, { state, nonce, codeVerifier }: Attempt): Promise<Claims> {
      const { library, configuration, metadata } = await configured()
      try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier }
        const cameBackTo = new URL(`${callbackUrl}?${query}`)
        const tokens = await library.authorizationCodeGrant(configuration, cameBackTo, checks)
        const signed = tokens.claims()
        if (!signed) throw new Error('the answer has no ID token')
        const more = metadata.userinfo_endpoint
          ? await library.fetchUserInfo(configuration, tokens.access_token, signed.sub)
          : {}
        return { ...more, ...signed, subject: signed.sub }
      } catch (error) {
        throw failed(name, error, library)
      }
    },

    async endedBy(logoutToken) {
      const { metadata, keys } = await known()
      try {
        return await readLogoutToken(logoutToken, { issuer: metadata.issuer, clientId, keys, toleranceSeconds })
      } catch (error) {
        throw notEnded(name, error)
      }
    },

    async signOutUrl() {
      const { library, configuration, metadata } = await configured()
      if (!metadata.end_session_endpoint) return null
      const parameters = { post_logout_redirect_uri: afterSignOutUrl }
      return usable(() => library.buildEndSessionUrl(configuration, parameters))
    },
  }
}

/** Some providers give a person's groups only if asked for them, and others refuse a scope that they do not know. */
function scopeFor({ scopes_supported: known }: ServerMetadata): string {
  return ['openid', 'email', 'profile', ...(known?.includes('groups') ? ['groups'] : [])].join(' ')
}

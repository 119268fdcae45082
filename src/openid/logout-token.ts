import type { JWTVerifyGetKey } from 'jose'
import type { ServerMetadata } from 'openid-client'
import type { EndedElsewhere } from '../domain/people/ended-elsewhere.ts'
import { boundedFetch } from './bounded-fetch.ts'

const limitMs = 10_000
const event = 'http://schemas.openid.net/event/backchannel-logout'

/** The provider's keys for tokens that anybody may bring: they are kept, so that a stranger's token asks for none. */
export async function keysOf({ jwks_uri: address }: ServerMetadata): Promise<JWTVerifyGetKey> {
  if (!address) throw new Error('the provider has no jwks_uri')
  const { createRemoteJWKSet, customFetch } = await import('jose')
  return createRemoteJWKSet(new URL(address), { timeoutDuration: limitMs, [customFetch]: boundedFetch })
}

/** Reads a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). @throws JOSEError */
export async function readLogoutToken(
  token: string,
  expected: { issuer: string; clientId: string; keys: JWTVerifyGetKey; toleranceSeconds: number },
): Promise<EndedElsewhere> {
  const { errors, jwtVerify } = await import('jose')
  const { issuer, clientId: audience, keys, toleranceSeconds: clockTolerance } = expected
  const requiredClaims = ['iat', 'exp', 'jti', 'events']
  const { payload } = await jwtVerify(token, keys, { issuer, audience, clockTolerance, requiredClaims })
  const { events, nonce, sub: subject = null, sid, iat: at = 0 } = payload
  const session = typeof sid === 'string' ? sid : null
  const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, event)
  if (isLogout && nonce === undefined && (subject !== null || session !== null)) return { subject, session, at }
  throw new errors.JWTInvalid('it does not say which session has ended')
}

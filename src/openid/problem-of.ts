import { Problem } from '../domain/problem.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'

type Library = typeof import('openid-client')

/** The provider cannot be used now. The log gets the reason; people get what they can do. */
export function away(name: string, error: unknown): Problem {
  return new Problem(
    'identity-provider-away',
    `${name} cannot be reached at the moment, or does not answer as it should. Try again in a few minutes, or sign in with a password.`,
    { cause: new Error(`${chainOf(error)}${otherNameIn(error)}`) },
  )
}

// The answer is there, and does not belong to this attempt, or is not the provider's: by codes of oauth4webapi.
const untrusted = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** Why an answer of the provider signs nobody in. */
export function failed(name: string, error: unknown, library: Library): Problem {
  const cause = new Error(chainOf(error))
  if (error instanceof library.AuthorizationResponseError) {
    const words =
      error.error === 'access_denied'
        ? `${name} did not sign you in.`
        : `${name} could not sign you in: ${error.error}.`
    return new Problem('sign-in-failed', words, { cause })
  }
  // A provider that sees a code twice ends what the code gave (RFC 6749, 4.1.2).
  const isUsed =
    (error instanceof library.ResponseBodyError && error.error === 'invalid_grant') ||
    error instanceof library.WWWAuthenticateChallengeError
  if (isUsed || (error instanceof library.ClientError && untrusted.has(error.code ?? ''))) {
    return new Problem(
      'sign-in-failed',
      `This answer of ${name} does not fit: it is too old, was used, or is for another browser or tab. Begin again.`,
      { cause },
    )
  }
  return away(name, error)
}

// By codes of jose; its others are about the provider's keys.
const ofTokens = /^ERR_(JWT|JWS|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE|JOSE_ALG|JOSE_NOT)/

/** Why a token that says so ends no session. */
export function notEnded(name: string, error: unknown): Problem {
  const isOfToken = error instanceof Error && 'code' in error && ofTokens.test(String(error.code))
  if (!isOfToken) return away(name, error)
  const words = `This is no logout token of ${name} for this service: ${reasonOf(error)}.`
  return new Problem('invalid-request', words, { cause: error })
}

/** The provider's name for itself, where it is not the one that the settings have. */
function otherNameIn(error: unknown): string {
  const { cause } = error as { cause?: { body?: { issuer?: unknown } } }
  const issuer = cause?.body?.issuer
  return typeof issuer === 'string' ? `: the provider calls itself ${printable(issuer)}; write this as OIDC_ISSUER` : ''
}

// A provider writes some of the words.
const longestReason = 500

/** The messages of an error and of its causes. The errors themselves may hold codes and tokens, which no log may have. */
function chainOf(error: unknown): string {
  const reasons: string[] = []
  for (let each = error; each instanceof Error && reasons.length < 5; each = each.cause) reasons.push(wordsOf(each))
  return reasons.join(': ').slice(0, longestReason)
}

function wordsOf(error: Error): string {
  const { error: code, error_description: description } = error as { error?: unknown; error_description?: unknown }
  return [reasonOf(error), code, description].filter((each) => typeof each === 'string').join(', ')
}

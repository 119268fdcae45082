import { randomSecret } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Attempt } from '../ports/identity-provider.ts'

/** An attempt to sign in elsewhere, as the browser's cookie has it: a secret, and where the sign-in leads. */
export function newAttempt(next: string | null): string {
  const secret = randomSecret()
  return next === null ? secret : `${secret}.${Buffer.from(next).toString('base64url')}`
}

/** Where an attempt leads, by a cookie that anybody may have written. */
export function nextOf(attempt: string): string | undefined {
  const [, next] = attempt.split('.')
  return next && Buffer.from(next, 'base64url').toString()
}

/** All that the provider gets comes from the one secret, and tells neither the secret nor the other two. */
export function attemptOf(attempt: string): Attempt {
  const [secret] = attempt.split('.')
  const of = (purpose: string) => sha256(`${purpose} ${secret}`)
  return { state: of('state'), nonce: of('nonce'), codeVerifier: of('code verifier') }
}

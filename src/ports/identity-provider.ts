import type { EndedElsewhere } from '../domain/people/ended-elsewhere.ts'
import type { Claims } from '../domain/people/provider-claims.ts'

/** Binds a provider's answer to one attempt to sign in. All three are secrets of the browser that made the attempt. */
export type Attempt = { state: string; nonce: string; codeVerifier: string }

/** Signs people in elsewhere, by OpenID Connect. */
export interface IdentityProvider {
  /** Where a browser goes to sign in. @throws Problem identity-provider-away */
  signInUrl(attempt: Attempt): Promise<string>
  /**
   * What the provider says of the person who came back, with that query, from an attempt. It says so once.
   *
   * @throws Problem sign-in-failed, identity-provider-away
   */
  claimsOf(query: string, attempt: Attempt): Promise<Claims>
  /** What the provider says has ended, in a token that anybody may bring. @throws Problem invalid-request, identity-provider-away */
  endedBy(logoutToken: string): Promise<EndedElsewhere>
  /** Where a browser ends its session at the provider; null if the provider has no such place. @throws Problem identity-provider-away */
  signOutUrl(): Promise<string | null>
}

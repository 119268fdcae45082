import type { Role } from './account.ts'
import { includesScopes, type Scopes } from './scope.ts'

/** The rights of a credential, and how long it has them. `expiresAt` null: for ever. */
export type Grant = { role: Role; scopes: Scopes; expiresAt: number | null }

/**
 * Why a credential may not list, make or revoke another one with the rights `asked`; null if it may. A credential never
 * touches more rights or a longer life than its own. Otherwise a leaked token that is weak or short-lived could be
 * exchanged for a strong and lasting one, or could lock its owner out.
 */
export function excessOf(holder: Grant, asked: Grant): 'role' | 'scopes' | 'life' | null {
  if (asked.role === 'admin' && holder.role !== 'admin') return 'role'
  if (!includesScopes(holder.scopes, asked.scopes)) return 'scopes'
  return lifeOf(asked) > lifeOf(holder) ? 'life' : null
}

/** When a credential ends, as a number that can be compared. */
export function lifeOf({ expiresAt }: Pick<Grant, 'expiresAt'>): number {
  return expiresAt ?? Number.POSITIVE_INFINITY
}

/**
 * The rights of a session, and of a password: the whole of what its owner may do. A person can sign in
 * again at any time, so a session counts as a credential that never ends.
 */
export function wholeGrant(ownersRole: Role): Grant {
  return { role: ownersRole, scopes: null, expiresAt: null }
}

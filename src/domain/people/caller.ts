import type { Account, Caller, Standing } from './account.ts'
import { wholeGrant } from './grant.ts'

/** The caller that a credential makes. A token has the lesser of its own role and its owner's, a session its owner's. */
export function callerFrom(standing: Standing): Caller {
  const { id: userId, role: ownersRole, tier } = standing.owner
  if ('session' in standing) {
    return { userId, tier, kind: 'session', credentialId: standing.session.id, ...wholeGrant(ownersRole) }
  }
  const { id, scopes, expiresAt } = standing.token
  const role = standing.token.role === 'admin' && ownersRole === 'admin' ? 'admin' : 'user'
  return { userId, tier, kind: 'token', credentialId: id, role, scopes, expiresAt }
}

/** A person with the rights of their account, for work that goes on after the credential that began it. */
export function callerOfAccount({ id, role, tier }: Account): Caller {
  return { userId: id, tier, kind: 'session', credentialId: '', ...wholeGrant(role) }
}

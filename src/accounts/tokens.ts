import { type Caller, effectiveRole, mayAct, type Role, type Token } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret, randomUUID } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'

// The prefix lets a scanner for leaked secrets recognise one.
const prefix = 'ailab_'

export type TokenRequest = { userId?: UserId | undefined; name: string; role: Role; expiresInMs: number | null }

export type Tokens = {
  /** Who a secret belongs to. @throws Problem unauthenticated when it is wrong, expired or revoked */
  callerOf(secret: string): Promise<Caller>
  /** Makes a token; its secret is shown this once, and kept as a hash only. */
  issue(caller: Caller, request: TokenRequest): Promise<{ token: Token; secret: string }>
  list(caller: Caller, userId: UserId | undefined): Promise<Token[]>
  /** @throws Problem token-not-found, also for another person's */
  revoke(caller: Caller, id: string): Promise<void>
}

export function createTokens({ accounts, clock }: { accounts: AccountStore; clock: Clock }): Tokens {
  return {
    async callerOf(secret) {
      const found = await accounts.tokenOwner(sha256(secret), clock.now())
      if (!found) throw new Problem('unauthenticated', 'The token is wrong, has expired or was revoked.')
      const { token, owner } = found
      return { userId: owner.id, role: effectiveRole(token, owner), tier: owner.tier }
    },

    async issue(caller, { userId = caller.userId, name, role, expiresInMs }) {
      if (!mayAct(caller, userId)) throw new Problem('forbidden', 'Only an administrator makes tokens for others.')
      const owner = await accounts.account(userId)
      if (!owner) throw new Problem('user-not-found', `There is no user ${userId}.`)
      if (role === 'admin' && !(caller.role === 'admin' && owner.role === 'admin')) {
        throw new Problem('forbidden', 'A token has no more rights than its owner and than who makes it.')
      }
      const made = newToken({ userId, name, role, expiresInMs }, clock.now())
      await accounts.addToken(made.token)
      return made
    },

    async list(caller, userId = caller.userId) {
      if (!mayAct(caller, userId)) throw new Problem('forbidden', "Only an administrator lists others' tokens.")
      return accounts.tokens(userId)
    },

    async revoke(caller, id) {
      const token = await accounts.token(id)
      if (!token || !mayAct(caller, token.userId)) throw new Problem('token-not-found', 'There is no such token.')
      await accounts.removeToken(id)
    },
  }
}

/** A token that is not recorded yet, and its secret. */
export function newToken(
  { userId, name, role, expiresInMs }: TokenRequest & { userId: UserId },
  now: number,
): { token: Token; secret: string } {
  const secret = prefix + randomSecret()
  const expiresAt = expiresInMs === null ? null : now + expiresInMs
  return {
    secret,
    token: { id: randomUUID(), userId, name, role, secretHash: sha256(secret), createdAt: now, expiresAt },
  }
}

import type { Caller, Role, Token, TokenStanding } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { can, requireRight } from '../domain/people/can.ts'
import { excessOf } from '../domain/people/grant.ts'
import type { Scopes } from '../domain/people/scope.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret, randomUUID } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { keepAccess } from './keep-access.ts'
import { createNoteUse } from './note-use.ts'
import { type Position, pageOf } from './page-of.ts'
import { asOfNow } from './standing.ts'

// The prefix lets a scanner for leaked secrets recognise one.
const prefix = 'ailab_'
const atMost = 100

export type TokenRequest = {
  userId?: UserId | undefined
  name: string
  role: Role
  scopes: Scopes
  expiresInMs: number | null
}

export type Tokens = {
  /** The caller to whom a secret belongs. @throws Problem unauthenticated when it is wrong, expired or revoked */
  callerOf(secret: string): Promise<Caller>
  /**
   * Makes a token. Its secret is shown this once; only a hash is kept. @throws Problem forbidden, user-not-found,
   * too-many-tokens
   */
  issue(caller: Caller, request: TokenRequest): Promise<{ token: Token; secret: string }>
  /**
   * A person's tokens, oldest first, without those that the caller has no right over. `next` is where the following
   * page begins.
   */
  page(
    caller: Caller,
    userId: UserId | undefined,
    options: { after: Position | null; limit: number },
  ): Promise<{ items: Token[]; next: Position | null }>
  /** @throws Problem token-not-found, also where the caller has no right over it; last-credential */
  revoke(caller: Caller, id: string): Promise<void>
}

/** The events of tokens, for the log. */
export type TokensLog = {
  issued(token: Token, by: UserId): void
  revoked(token: Token, by: UserId): void
  firstUsed(token: TokenStanding['token']): void
}

export function createTokens(deps: { accounts: AccountStore; clock: Clock; log: TokensLog }): Tokens {
  const { accounts, clock, log } = deps
  const noteUse = createNoteUse<TokenStanding['token']>({
    record: ({ id }, at) => accounts.recordUse(id, at),
    onFirst: log.firstUsed,
  })
  return {
    async callerOf(secret) {
      const now = clock.now()
      const standing = await accounts.tokenOwner(sha256(secret), now)
      if (!standing) {
        throw new Problem(
          'unauthenticated',
          'The token is wrong, has expired or was revoked, or its owner is disabled.',
        )
      }
      noteUse(standing.token, now)
      return callerFrom(standing)
    },

    async issue(caller, { userId = caller.userId, ...request }) {
      const now = clock.now()
      const made = newToken({ userId, ...request }, now)
      await accounts.together(async (records) => {
        const issuer = await asOfNow(records, caller, now)
        requireRight(issuer, 'token:issue', { owner: userId }, 'Only an administrator makes tokens for others.')
        const owner = await records.account(userId)
        if (!owner) throw new Problem('user-not-found', `There is no user ${userId}.`)
        requireNoExcess(issuer, made.token, owner.role)
        await records.removeExpiredTokens(now)
        if ((await records.tokens(userId, now)).length >= atMost) {
          throw new Problem('too-many-tokens', `${userId} has ${atMost} tokens. Revoke one first.`)
        }
        await records.addToken(made.token)
      })
      log.issued(made.token, caller.userId)
      return made
    },

    async page(caller, owner = caller.userId, options) {
      requireRight(caller, 'token:see', { owner }, "Only an administrator lists others' tokens.")
      const all = await accounts.tokens(owner, clock.now()) // a hundred at most
      return pageOf(
        all.filter((credential) => can(caller, 'token:see', { owner, credential })),
        options,
      )
    },

    async revoke(caller, id) {
      const now = clock.now()
      const token = await accounts.together(async (records) => {
        const revoker = await asOfNow(records, caller, now)
        const credential = await records.token(id)
        if (!credential || !can(revoker, 'token:revoke', { owner: credential.userId, credential })) {
          throw new Problem('token-not-found', 'There is no such token, or this one has no right over it.')
        }
        await keepAccess(records, now, () => records.removeToken(id))
        return credential
      })
      log.revoked(token, caller.userId)
    },
  }
}

const excess = {
  role: 'A token has no more rights than its owner and than the token that makes it.',
  scopes: 'This token is narrowed to scopes: it only makes tokens that are narrowed to some of the same scopes.',
  life: 'This token expires: it only makes tokens that end no later. Give expires_in_seconds.',
} as const

function requireNoExcess(issuer: Caller, token: Token, ownersRole: Role): void {
  const what = token.role === 'admin' && ownersRole !== 'admin' ? 'role' : excessOf(issuer, token)
  if (what) throw new Problem('forbidden', excess[what])
}

/** A token that is not recorded yet, and its secret. */
export function newToken(
  { userId, name, role, scopes, expiresInMs }: TokenRequest & { userId: UserId },
  now: number,
): { token: Token; secret: string } {
  const secret = prefix + randomSecret()
  const expiresAt = expiresInMs === null ? null : now + expiresInMs
  const id = randomUUID()
  const rights = { role, scopes, expiresAt }
  return {
    secret,
    token: { id, userId, name, ...rights, secretHash: sha256(secret), createdAt: now, lastUsedAt: null },
  }
}

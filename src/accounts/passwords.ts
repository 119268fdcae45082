import type { Account, Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import { wholeGrant } from '../domain/people/grant.ts'
import { requirePassword } from '../domain/people/password.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { CheckPassword } from './check-password.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { asOfNow } from './standing.ts'

export type Passwords = {
  /**
   * Sets a person's password and ends their other sessions. For one's own, `current` is needed if there is one.
   *
   * @throws Problem invalid-request, forbidden, user-not-found, wrong-state, too-many-sign-ins, too-many-at-once
   */
  set(caller: Caller, userId: UserId, request: Request): Promise<void>
}

type Request = { password: string; current: string | undefined; address: string }

export type PasswordsLog = { set(userId: UserId, by: UserId): void }

export function createPasswords(deps: {
  accounts: AccountStore
  checkPassword: CheckPassword
  hashing: Pick<PasswordHashing, 'hash'>
  clock: Clock
  log: PasswordsLog
}): Passwords {
  const { accounts, checkPassword, hashing, clock, log } = deps

  /** Gives the recorded hash that the caller has proven to know; null if nothing was to prove. */
  async function prove(caller: Caller, userId: UserId, { current, address }: Request): Promise<string | null> {
    if (caller.userId !== userId) return null
    const known = await accounts.passwordHash(userId)
    if (known === null) return null
    if (current === undefined) throw new Problem('forbidden', 'Give current_password to change your own password.')
    const checked = await checkPassword(userId, current, address)
    if (!checked) throw new Problem('forbidden', 'The current password is wrong.')
    return checked.hash
  }

  return {
    async set(caller, userId, request) {
      await requireMaySet(accounts, caller, userId)
      requirePassword(request.password, userId)
      const proven = await prove(caller, userId, request)
      const hash = await hashing.hash(userId, request.password)
      const now = clock.now()
      await accounts.together(async (records) => {
        await requireMaySet(records, await asOfNow(records, caller, now), userId)
        const isOwn = caller.userId === userId
        if (isOwn && (await records.passwordHash(userId)) !== proven) {
          throw new Problem('wrong-state', 'Your password was changed meanwhile. Ask again.')
        }
        const ownSession = isOwn && caller.kind === 'session' ? caller.credentialId : null
        await changePassword(records, userId, { hash, now, ownSession })
      })
      log.set(userId, caller.userId)
    },
  }
}

/** Replaces a person's password, and ends whatever else an earlier owner of it may hold. */
export async function changePassword(
  records: AccountRecords,
  userId: UserId,
  { hash, now, ownSession }: { hash: string; now: number; ownSession: string | null },
): Promise<void> {
  await records.setPasswordHash(userId, hash, now)
  await records.removeSessions(userId, ownSession)
  await records.removeInvitation(userId)
}

/** A password is a whole credential: only one that is no weaker sets it. @throws Problem forbidden, user-not-found */
async function requireMaySet(records: Pick<AccountRecords, 'account'>, caller: Caller, owner: UserId): Promise<void> {
  const account: Account | null = await records.account(owner)
  const credential = { id: '', ...wholeGrant(account?.role ?? 'user') }
  requireRight(caller, 'password:set', { owner, credential }, 'Only an administrator sets the passwords of others.')
  if (!account) throw new Problem('user-not-found', `There is no user ${owner}.`)
}

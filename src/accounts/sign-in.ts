import type { Account } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { CheckPassword } from './check-password.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { beginSession, type From, type SessionsLog } from './sessions.ts'

/** A person with a new session, whose secret is for the cookie. */
export type SignedIn = { account: Account; secret: string; expiresAt: number }

/** Signs a person in. @throws Problem sign-in-failed, too-many-sign-ins, too-many-at-once */
export type SignIn = (request: { userId: UserId; password: string } & From) => Promise<SignedIn>

export type SignInLog = Pick<SessionsLog, 'began'> & {
  /** `userId` is null if there is no such account: people type passwords into the wrong field. */
  failed(userId: UserId | null, from: string): void
}

export function createSignIn(deps: {
  accounts: AccountStore
  checkPassword: CheckPassword
  hashing: Pick<PasswordHashing, 'hash'>
  clock: Clock
  log: SignInLog
}): SignIn {
  const { accounts, checkPassword, hashing, clock, log } = deps
  return async ({ userId, password, ...from }) => {
    const checked = await checkPassword(userId, password, from.address)
    if (!checked) {
      log.failed((await accounts.account(userId)) && userId, from.address)
      throw failed()
    }
    // A sign-in later renews it if too many people sign in now.
    const renewed = checked.isOutdated ? await hashing.hash(userId, password).catch(() => null) : null
    const now = clock.now()
    const { account, session, secret } = await accounts.together(async (records) => {
      const account = await records.account(userId)
      const isAsChecked = (await records.passwordHash(userId)) === checked.hash
      if (!account || account.disabled || !isAsChecked) throw failed() // changed while it was computed
      if (renewed) await records.renewPasswordHash(userId, renewed)
      return { account, ...(await beginSession(records, userId, from, now)) }
    })
    log.began(session)
    return { account, secret, expiresAt: session.expiresAt }
  }
}

function failed(): Problem {
  return new Problem('sign-in-failed', 'The user id or the password is wrong, or the account is disabled.')
}

import type { UserId } from '../domain/people/user-id.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Attempts } from './attempts.ts'
import type { PasswordHashing } from './password-hashing.ts'

/** A right password. `hash` is the recorded one, which `isOutdated` if it has another cost than a new one would. */
export type Checked = { hash: string; isOutdated: boolean }

/**
 * Gives null if the password is wrong, or if the account is unknown, disabled or without a password: these take the same time.
 *
 * @throws Problem too-many-sign-ins, too-many-at-once
 */
export type CheckPassword = (userId: UserId, password: string, from: string) => Promise<Checked | null>

export function createCheckPassword(deps: {
  accounts: Pick<AccountStore, 'account' | 'passwordHash'>
  hashing: PasswordHashing
  attempts: Attempts
}): CheckPassword {
  const { accounts, hashing, attempts } = deps
  return async (userId, password, from) => {
    const attempt = attempts.begin(userId, from)
    try {
      const [account, known] = await Promise.all([accounts.account(userId), accounts.passwordHash(userId)])
      const hash = account && !account.disabled ? known : null
      const { matches, isOutdated } = await hashing.verify(userId, hash, password)
      if (!matches || hash === null) {
        attempt.failed()
        return null
      }
      attempt.succeeded()
      return { hash, isOutdated }
    } catch (error) {
      attempt.takeBack() // it was no wrong password
      throw error
    }
  }
}

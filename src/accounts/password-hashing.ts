import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { hashPassword, verifyPassword } from '../lib/argon2.ts'
import { Turns } from '../lib/turns.ts'

// Each hash fills a core for some 35 ms, in a thread of its own, and takes 19 MiB meanwhile.
const atOnce = 2
const waitingAtMost = 30
// As many as one address may try at one account.
const ofOneAtMost = 10

type Hashing = { hash(password: string): Promise<string>; verify: typeof verifyPassword }

/** The first parameter of both is the account whose password it is, or would be. */
export type PasswordHashing = {
  /** @throws Problem too-many-at-once */
  hash(account: UserId, password: string): Promise<string>
  /** As `verifyPassword` does. @throws Problem too-many-at-once */
  verify(account: UserId, hash: string | null, password: string): ReturnType<typeof verifyPassword>
}

/** Bounds how many passwords are computed at one time, and how many wait for that. Accounts take turns. */
export function createPasswordHashing({ hash, verify }: Hashing = argon2id): PasswordHashing {
  const turns = new Turns(atOnce)
  const bounded = async <T>(account: UserId, work: () => Promise<T>): Promise<T> => {
    if (turns.waiting >= waitingAtMost || turns.waitingWith(account) >= ofOneAtMost) {
      throw new Problem('too-many-at-once', 'Too many sign-ins wait at this moment. Try again in a second.', {
        retryAfterSeconds: 1,
      })
    }
    using _turn = await turns.acquire(account, { group: account })
    return await work()
  }
  return {
    hash: (account, password) => bounded(account, () => hash(password)),
    verify: (account, known, password) => bounded(account, () => verify(known, password)),
  }
}

const argon2id: Hashing = { hash: hashPassword, verify: verifyPassword }

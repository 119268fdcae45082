import { Problem } from '../domain/problem.ts'
import { hashPassword, verifyPassword } from '../lib/argon2.ts'
import { Turns } from '../lib/turns.ts'

// Each hash fills a core for some 35 ms, in a thread of its own, and takes 19 MiB meanwhile.
const atOnce = 2
const waitingAtMost = 30

export type PasswordHashing = {
  /** @throws Problem too-many-at-once */
  hash(password: string): Promise<string>
  /** As `verifyPassword` does. @throws Problem too-many-at-once */
  verify(hash: string | null, password: string): ReturnType<typeof verifyPassword>
}

/** Bounds how many passwords are computed at one time, and how many wait for that. */
export function createPasswordHashing({ hash, verify }: PasswordHashing = argon2id): PasswordHashing {
  const turns = new Turns(atOnce)
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (turns.waiting >= waitingAtMost) {
      throw new Problem('too-many-at-once', 'Too many people sign in at this moment. Try again in a second.', {
        retryAfterSeconds: 1,
      })
    }
    using _turn = await turns.acquire('')
    return await work()
  }
  return {
    hash: (password) => bounded(() => hash(password)),
    verify: (known, password) => bounded(() => verify(known, password)),
  }
}

const argon2id: PasswordHashing = { hash: hashPassword, verify: verifyPassword }

import { householdOf } from '../domain/network/household.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { Counts } from '../lib/counts.ts'
import type { Clock } from '../ports/clock.ts'
import { Tries } from './tries.ts'

const minuteMs = 60_000
// docs/access.md has these numbers too.
const pairs = { atMost: 10, withinMs: 15 * minuteMs }
const addresses = { atMost: 60, withinMs: 15 * minuteMs }
const accounts = { atMost: 100, withinMs: 60 * minuteMs }

/** Call one of these at its end. `takeBack`: it was not found out whether the password is right. */
export type Attempt = { failed(): void; succeeded(): void; takeBack(): void }

/**
 * Bounds wrong passwords: for one account from one address, for one address, and for one account. Past the last bound, only
 * addresses that failed at this account have to wait, so a stranger cannot lock its owner out.
 *
 * Attempts under way count too, so that a hundred guesses at once are a hundred. But they may still prove right: if the failed
 * ones alone are below the bound, the next attempt may come a second later.
 */
export type Attempts = {
  /** @throws Problem too-many-sign-ins, too-many-at-once */
  begin(userId: UserId, from: string): Attempt
  /** The same for answers of an identity provider, by address alone: nobody knows yet whose they are. */
  beginElsewhere(from: string): AttemptElsewhere
}

/** `refused`: the lab refuses a person for whom the provider vouched. After ten times each further one counts as failed. */
export type AttemptElsewhere = Omit<Attempt, 'succeeded'> & { refused(subject: string): void }

// A pair is one account and one address.
const kinds = ['pair', 'address', 'account'] as const
type Kind = (typeof kinds)[number]

/** Gives the count that has reached its bound; the address waits until that count ends. Null: none has. Pure. */
function reached(countOf: (kind: Kind) => number): 'pair' | 'address' | null {
  const [pair, address, account] = [countOf('pair'), countOf('address'), countOf('account')]
  if (pair >= pairs.atMost) return 'pair'
  if (address >= addresses.atMost) return 'address'
  return account >= accounts.atMost && pair > 0 ? 'pair' : null
}

export function createAttempts({ steady }: Pick<Clock, 'steady'>): Attempts {
  const tries = {
    pair: new Tries(pairs.withinMs, steady),
    address: new Tries(addresses.withinMs, steady),
    account: new Tries(accounts.withinMs, steady),
  }
  const elsewhere = new Tries(addresses.withinMs, steady)
  const refusals = new Counts(pairs.withinMs, steady)

  return {
    beginElsewhere(from) {
      const address = householdOf(from)
      const { failed } = elsewhere
      if (failed.of(address) >= addresses.atMost) throw tooMany(failed.endsInMs(address), 'failed sign-ins')
      if (elsewhere.of(address) >= addresses.atMost) throw tooManyAtOnce()
      const attempt = begun([[elsewhere, address]])
      return {
        ...attempt,
        refused(subject) {
          if (refusals.of(subject) >= pairs.atMost) return attempt.failed()
          refusals.add(subject)
          attempt.takeBack()
        },
      }
    },
    begin(userId, from) {
      const address = householdOf(from)
      const keys = { pair: `${userId} ${address}`, address, account: userId }
      const full = reached((kind) => tries[kind].failed.of(keys[kind]))
      if (full) throw tooMany(tries[full].failed.endsInMs(keys[full]), 'wrong passwords')
      if (reached((kind) => tries[kind].of(keys[kind]))) throw tooManyAtOnce()
      const attempt = begun(kinds.map((kind) => [tries[kind], keys[kind]]))
      return {
        ...attempt,
        succeeded() {
          attempt.takeBack()
          tries.pair.failed.forget(keys.pair)
        },
      }
    },
  }
}

function begun(counted: readonly (readonly [Tries, string])[]): Omit<Attempt, 'succeeded'> {
  const takeBack = () => {
    for (const [tries, key] of counted) tries.end(key)
  }
  for (const [tries, key] of counted) tries.begin(key)
  return {
    takeBack,
    failed() {
      takeBack()
      for (const [tries, key] of counted) tries.failed.add(key)
    },
  }
}

function tooMany(ms: number, what: string): Problem {
  const retryAfterSeconds = Math.ceil(ms / 1_000)
  const detail = `Too many ${what} came from this address. Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`
  return new Problem('too-many-sign-ins', detail, { retryAfterSeconds })
}

function tooManyAtOnce(): Problem {
  const detail = 'Too many sign-ins from this address are under way. Try again in a second.'
  return new Problem('too-many-at-once', detail, { retryAfterSeconds: 1 })
}

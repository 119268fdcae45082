import { householdOf } from '../domain/network/household.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { Counts } from '../lib/counts.ts'
import type { Clock } from '../ports/clock.ts'

const minuteMs = 60_000
// docs/access.md has these numbers too.
const pairs = { atMost: 10, withinMs: 15 * minuteMs }
const addresses = { atMost: 60, withinMs: 15 * minuteMs }
const accounts = { atMost: 100, withinMs: 60 * minuteMs }

type Attempt = { succeeded(): void; takeBack(): void }

/**
 * Bounds wrong passwords: for one account from one address, for one address, and for one account. Past the last bound, only
 * addresses that failed at this account have to wait, so a stranger cannot lock its owner out.
 */
export type Attempts = {
  /** Counts the attempt as failed until it succeeds, so that a hundred at once are a hundred. @throws Problem too-many-sign-ins */
  begin(userId: UserId, from: string): Attempt
  /** The same for answers of an identity provider, by address alone: nobody knows yet whose they are. */
  beginElsewhere(from: string): Pick<Attempt, 'takeBack'>
}

export function createAttempts({ steady }: Pick<Clock, 'steady'>): Attempts {
  const ofPair = new Counts(pairs.withinMs, steady)
  const ofAddress = new Counts(addresses.withinMs, steady)
  const ofAccount = new Counts(accounts.withinMs, steady)
  const elsewhere = new Counts(addresses.withinMs, steady)

  function waitMs(userId: UserId, address: string, pair: string): number {
    if (ofPair.of(pair) >= pairs.atMost) return ofPair.endsInMs(pair)
    if (ofAddress.of(address) >= addresses.atMost) return ofAddress.endsInMs(address)
    return ofAccount.of(userId) >= accounts.atMost ? ofPair.endsInMs(pair) : 0
  }

  return {
    beginElsewhere(from) {
      const address = householdOf(from)
      if (elsewhere.of(address) >= addresses.atMost) throw tooMany(elsewhere.endsInMs(address), 'failed sign-ins')
      elsewhere.add(address)
      return { takeBack: () => elsewhere.takeBack(address) }
    },
    begin(userId, from) {
      const address = householdOf(from)
      const pair = `${userId} ${address}`
      const ms = waitMs(userId, address, pair)
      if (ms > 0) throw tooMany(ms, 'wrong passwords')
      const counted = [
        [ofPair, pair],
        [ofAddress, address],
        [ofAccount, userId],
      ] as const
      for (const [counts, key] of counted) counts.add(key)
      const takeBack = () => {
        for (const [counts, key] of counted) counts.takeBack(key)
      }
      return {
        takeBack,
        succeeded() {
          takeBack()
          ofPair.forget(pair)
        },
      }
    },
  }
}

function tooMany(ms: number, what: string): Problem {
  const retryAfterSeconds = Math.ceil(ms / 1_000)
  const detail = `Too many ${what} came from this address. Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`
  return new Problem('too-many-sign-ins', detail, { retryAfterSeconds })
}

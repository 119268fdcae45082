import type { Caller, Standing } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountRecords } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { noLongerValid } from './standing.ts'

const lookEveryMs = 400

type Held = { caller: Caller; controller: AbortController; holders: number }

export type Rights = {
  /**
   * A signal that aborts soon after a caller's right has ended: the token expired or was revoked, its owner was
   * disabled or demoted. Its reason is the Problem to answer with. Dispose it when the signal is no longer of use.
   */
  hold(caller: Caller): Disposable & { signal: AbortSignal }
}

/**
 * Watches the rights behind open streams and waits. Every 400 ms it asks the database once for all credentials that hold
 * something open, and not at all if none does. So it sees changes of another process, and needs no timer that is as
 * long as the life of a token.
 */
export function createRights(deps: {
  accounts: Pick<AccountRecords, 'standingsOf'>
  clock: Pick<Clock, 'now' | 'after'>
  onError: (error: unknown) => void
}): Rights {
  const { accounts, clock, onError } = deps
  const all = new Map<string, Held>()
  let isLooking = false
  let isBroken = false

  function lookSoon(): void {
    if (isLooking || all.size === 0) return
    isLooking = true
    clock.after(lookEveryMs, () => {
      look()
        .then(() => {
          isBroken = false
        })
        .catch(told) // the next look may succeed
        .finally(() => {
          isLooking = false
          lookSoon()
        })
    })
  }

  /** Once for each time that the database ceases to answer. */
  function told(error: unknown): void {
    if (!isBroken && all.size > 0) onError(error)
    isBroken = true
  }

  async function look(): Promise<void> {
    const before = [...all]
    if (before.length === 0) return
    const ids = new Set(before.map(([, { caller }]) => caller.credentialId))
    const standings = await accounts.standingsOf([...ids], clock.now())
    for (const [key, { caller, controller }] of before) {
      const end = endOf(caller, standings.get(caller.credentialId))
      if (!end || all.get(key)?.controller !== controller) continue // released meanwhile
      all.delete(key)
      controller.abort(end)
    }
  }

  function held(caller: Caller): Held {
    const key = keyOf(caller)
    const known = all.get(key) ?? { caller, controller: new AbortController(), holders: 0 }
    all.set(key, known)
    return known
  }

  return {
    hold(caller) {
      const right = held(caller)
      right.holders += 1
      lookSoon()
      return {
        signal: right.controller.signal,
        [Symbol.dispose]() {
          right.holders -= 1
          if (right.holders === 0 && all.get(keyOf(caller)) === right) all.delete(keyOf(caller))
        },
      }
    },
  }
}

// Streams of one token that were opened before and after its owner's promotion have different rights to lose.
function keyOf({ credentialId, role }: Caller): string {
  return `${role} ${credentialId}`
}

function endOf({ role }: Caller, standing: Standing | undefined): Problem | null {
  if (!standing) return noLongerValid()
  const now = callerFrom(standing)
  if (now.role === role || now.role === 'admin') return null
  return new Problem('forbidden', 'You are no longer an administrator. Ask again for what is yours.')
}

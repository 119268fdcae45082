import type { Caller } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { createNoteSessionUse } from './note-use.ts'
import { asOfNow } from './standing.ts'

const codeLifeMs = 30_000

/**
 * Visits of browsers to environments. Each environment is an origin of its own, which the platform's cookie never reaches:
 * the platform gives the browser a code, and the browser exchanges it at the environment's origin for a secret that opens
 * this one environment alone. A visit ends with its session.
 */
export type Visits = {
  /** A code for one visit to an environment, valid for 30 seconds. @throws Problem forbidden without a session */
  begin(caller: Caller, environmentId: string): Promise<string>
  /** Exchanges a code for the secret of the visit. @throws Problem unauthenticated if the code is not for this environment */
  enter(code: string, environmentId: string): Promise<string>
  /** The visitor with that secret, at this environment. @throws Problem unauthenticated */
  callerOf(secret: string, environmentId: string): Promise<Caller>
}

export function createVisits({ accounts, clock }: { accounts: AccountStore; clock: Clock }): Visits {
  const noteUse = createNoteSessionUse(accounts)
  return {
    async begin(caller, environmentId) {
      if (caller.kind !== 'session')
        throw new Problem('forbidden', 'Sign in with a browser to open an environment in it.')
      const code = randomSecret()
      const now = clock.now()
      const recorded = { codeHash: sha256(code), environmentId, expiresAt: now + codeLifeMs }
      await accounts.together(async (records) => {
        const { credentialId: sessionId } = await asOfNow(records, caller, now)
        await records.addCode({ ...recorded, sessionId }, now)
      })
      return code
    },

    async enter(code, environmentId) {
      const codeHash = sha256(code)
      // A transaction may wait for another program, and all connections with it: nobody without a code for this environment begins one.
      if (!(await accounts.isCode({ codeHash, environmentId }, clock.now()))) throw ended()
      const secret = randomSecret()
      await accounts.together(async (records) => {
        const now = clock.now()
        const visited = await records.takeCode(codeHash, now)
        if (visited?.environmentId !== environmentId) throw ended()
        await records.addVisit({ ...visited, secretHash: sha256(secret) }, now)
      })
      return secret
    },

    async callerOf(secret, environmentId) {
      const now = clock.now()
      const visitor = await accounts.visitor(sha256(secret), now)
      if (visitor?.environmentId !== environmentId) throw ended()
      noteUse(visitor.session, now)
      return callerFrom(visitor)
    },
  }
}

function ended(): Problem {
  return new Problem('unauthenticated', 'This visit has ended, or its link was used. Open the environment again.')
}

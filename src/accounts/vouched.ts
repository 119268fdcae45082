import type { Caller } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { byProxy, type Session } from '../domain/people/session.ts'
import { type UserId, userId, userIdRule } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { createNoteSessionUse } from './note-use.ts'
import { type From, recordSession, type SessionsLog } from './sessions.ts'

/**
 * People for whom a reverse proxy vouches, in each request. Each has one session for all their browsers, which no cookie opens:
 * it holds their visits to environments, and an administrator can see and end it. The next such request begins another one.
 */
export type Vouched = {
  /** The person with that name, who gets an account if there is none. @throws Problem sign-in-failed */
  callerOf(name: string, from: Omit<From, 'earlierSecret'>): Promise<Caller>
}

export function createVouched(deps: {
  accounts: AccountStore
  clock: Pick<Clock, 'now'>
  log: Pick<SessionsLog, 'began'>
}): Vouched {
  const { accounts, clock, log } = deps
  const noteUse = createNoteSessionUse(accounts)

  async function begin(
    id: UserId,
    secretHash: string,
    from: Parameters<Vouched['callerOf']>[1],
    now: number,
  ): Promise<void> {
    if ((await accounts.account(id))?.disabled) {
      throw new Problem('sign-in-failed', `The account ${id} is disabled in this lab.`)
    }
    const begun = await accounts.together(async (records): Promise<Session | null> => {
      const isNew = await records.addAccount({ id, role: 'user', tier: 'default', disabled: false, createdAt: now })
      if (isNew) await records.removeIdentities(id) // an earlier person of that id may have been another one
      const present = await records.sessions(id, now)
      if (present.some((session) => session.secretHash === secretHash)) return null // by a request at the same time
      return await recordSession(
        records,
        { userId: id, secretHash, voucher: byProxy, providerSession: null, ...from },
        now,
      )
    })
    if (begun) log.began(begun)
  }

  return {
    async callerOf(name, from) {
      const id = requireId(name)
      const now = clock.now()
      const secretHash = `${byProxy} ${id}` // no secret has such a hash, so no cookie opens the session
      if (!(await accounts.sessionOwner(secretHash, now))) await begin(id, secretHash, from, now)
      const standing = await accounts.sessionOwner(secretHash, now)
      if (!standing)
        throw new Problem(
          'sign-in-failed',
          'Your account was disabled meanwhile, or your session has ended. Ask again.',
        )
      noteUse(standing.session, now)
      return callerFrom(standing)
    },
  }
}

function requireId(name: string): UserId {
  const id = userId.safeParse(name)
  if (id.success) return id.data
  throw new Problem('sign-in-failed', `The reverse proxy names you in a way that cannot be a user id. ${userIdRule}`)
}

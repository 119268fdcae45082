import type { Caller } from '../domain/people/account.ts'
import { callerFrom } from '../domain/people/caller.ts'
import { can, requireRight } from '../domain/people/can.ts'
import { wholeGrant } from '../domain/people/grant.ts'
import { clientName, endOfSession, ownWord, type Session, type Word } from '../domain/people/session.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomSecret, randomUUID } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { createNoteSessionUse } from './note-use.ts'
import { type Position, pageOf } from './page-of.ts'
import { asOfNow } from './standing.ts'

const atMost = 100

/**
 * Where somebody signs in from. `client` is what the browser calls itself. `earlierSecret` is that of the session that the browser
 * had until now.
 */
export type From = { address: string; client: string | undefined; earlierSecret: string | null }

export type Sessions = {
  /** The caller to whom a session's secret belongs. @throws Problem unauthenticated when it is wrong or has ended */
  callerOf(secret: string): Promise<Caller>
  /** When the caller's credential ends, in milliseconds since the epoch; null: never. */
  endOf(caller: Caller): Promise<number | null>
  /** A person's sessions, oldest first. @throws Problem forbidden */
  page(
    caller: Caller,
    userId: UserId | undefined,
    options: { after: Position | null; limit: number },
  ): Promise<{ items: Session[]; next: Position | null }>
  /** Gives the session that ended. @throws Problem session-not-found, also where the caller has no right over it */
  end(caller: Caller, id: string): Promise<Session>
}

export type SessionsLog = { began(session: Session): void; ended(session: Session, by: UserId): void }

export function createSessions(deps: {
  accounts: AccountStore
  clock: Clock
  log: Pick<SessionsLog, 'ended'>
}): Sessions {
  const { accounts, clock, log } = deps
  const noteUse = createNoteSessionUse(accounts)
  return {
    async callerOf(secret) {
      const now = clock.now()
      const standing = await accounts.sessionOwner(sha256(secret), now)
      if (!standing) throw new Problem('unauthenticated', 'Your session has ended. Sign in again.')
      noteUse(standing.session, now)
      return callerFrom(standing)
    },

    async endOf({ kind, credentialId, expiresAt }) {
      if (kind === 'token') return expiresAt
      return (await accounts.session(credentialId))?.expiresAt ?? clock.now()
    },

    async page(caller, owner = caller.userId, options) {
      requireRight(caller, 'session:see', { owner }, "Only an administrator lists others' sessions.")
      const account = await accounts.account(owner)
      const credential = { id: '', ...wholeGrant(account?.role ?? 'user') }
      const isSeen = ({ id }: Session) => can(caller, 'session:see', { owner, credential: { ...credential, id } })
      return pageOf((await accounts.sessions(owner, clock.now())).filter(isSeen), options)
    },

    async end(caller, id) {
      const now = clock.now()
      const ended = await accounts.together(async (records) => {
        const ender = await asOfNow(records, caller, now)
        const session = await records.session(id)
        if (!session || !(await mayEnd(records, ender, session))) {
          throw new Problem('session-not-found', 'There is no such session, or you have no right over it.')
        }
        await records.removeSession(id)
        return session
      })
      log.ended(ended, caller.userId)
      return ended
    },
  }
}

async function mayEnd(records: AccountRecords, ender: Caller, { id, userId: owner }: Session): Promise<boolean> {
  const account = await records.account(owner)
  return can(ender, 'session:end', { owner, credential: { id, ...wholeGrant(account?.role ?? 'user') } })
}

/**
 * Records a new session. Its secret goes to the browser alone, where it takes the place of an earlier one: that session ends,
 * whoever's it is.
 */
export async function beginSession(
  records: AccountRecords,
  userId: UserId,
  { earlierSecret, ...from }: From,
  now: number,
  word: Word = ownWord,
): Promise<{ session: Session; secret: string }> {
  if (earlierSecret !== null) await records.removeSessionWith(sha256(earlierSecret))
  const secret = randomSecret()
  const session = await recordSession(records, { userId, secretHash: sha256(secret), ...word, ...from }, now)
  return { session, secret }
}

/** Records a new session. If the person has too many, their oldest ones end. */
export async function recordSession(
  records: AccountRecords,
  {
    userId,
    secretHash,
    voucher,
    providerSession,
    address,
    client,
  }: Pick<Session, 'userId' | 'secretHash'> & Word & Omit<From, 'earlierSecret'>,
  now: number,
): Promise<Session> {
  await records.removeExpiredSessions(now)
  const present = await records.sessions(userId, now)
  for (const { id } of present.slice(0, Math.max(0, present.length - atMost + 1))) await records.removeSession(id)
  const times = { createdAt: now, lastUsedAt: now, expiresAt: endOfSession({ createdAt: now, lastUsedAt: now }) }
  const session = {
    id: randomUUID(),
    userId,
    secretHash,
    ...times,
    address,
    client: clientName(client),
    voucher,
    providerSession,
  }
  await records.addSession(session)
  return session
}

import { type InferResult, type Kysely, type Selectable, sql } from 'kysely'
import type { SessionStanding } from '../domain/people/account.ts'
import type { Session } from '../domain/people/session.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { AccountRecords } from '../ports/account-store.ts'
import { accountOf } from './account-row.ts'
import type { Tables } from './tables.ts'
import { writing } from './writing.ts'

type SessionRecords = Pick<
  AccountRecords,
  | 'passwordHash'
  | 'setPasswordHash'
  | 'renewPasswordHash'
  | 'setInvitation'
  | 'invited'
  | 'removeInvitation'
  | 'addSession'
  | 'sessions'
  | 'session'
  | 'removeSession'
  | 'removeSessionWith'
  | 'removeSessions'
  | 'removeVouchedSessions'
  | 'removeExpiredSessions'
  | 'recordSessionUse'
>

/** Records of passwords, invitations and sessions in SQL. */
export function sessionRecords(db: Kysely<Tables>): SessionRecords {
  return {
    async passwordHash(userId) {
      const password = db.selectFrom('passwords').select('hash').where('user_id', '=', userId)
      return (await password.executeTakeFirst())?.hash ?? null
    },

    async setPasswordHash(userId, hash, at) {
      const change = { hash, changed_at: at }
      const password = db.insertInto('passwords').values({ user_id: userId, ...change })
      await writing(() => password.onConflict((same) => same.column('user_id').doUpdateSet(change)).execute())
    },

    async renewPasswordHash(userId, hash) {
      await writing(() => db.updateTable('passwords').set({ hash }).where('user_id', '=', userId).execute())
    },

    async setInvitation(userId, { codeHash, expiresAt }) {
      const change = { code_hash: codeHash, expires_at: expiresAt }
      const invitation = db.insertInto('invitations').values({ user_id: userId, ...change })
      await writing(() => invitation.onConflict((same) => same.column('user_id').doUpdateSet(change)).execute())
    },

    async invited(codeHash, now) {
      const accounts = db.selectFrom('accounts').innerJoin('invitations', 'user_id', 'id').selectAll('accounts')
      const valid = accounts.where('code_hash', '=', codeHash).where('expires_at', '>', now).where('disabled', '=', 0)
      const row = await valid.executeTakeFirst()
      return row ? accountOf(row) : null
    },

    async removeInvitation(userId) {
      await writing(() => db.deleteFrom('invitations').where('user_id', '=', userId).execute())
    },

    async addSession(session) {
      await writing(() => db.insertInto('sessions').values(rowOf(session)).execute())
    },

    async sessions(userId, now) {
      const sessions = db.selectFrom('sessions').selectAll().where('user_id', '=', userId)
      const working = sessions.where('expires_at', '>', now).orderBy('created_at').orderBy('id')
      return (await working.execute()).map(sessionOf)
    },

    async session(id) {
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? sessionOf(row) : null
    },

    async removeSession(id) {
      await writing(() => db.deleteFrom('sessions').where('id', '=', id).execute())
    },

    async removeSessionWith(secretHash) {
      await writing(() => db.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute())
    },

    async removeSessions(userId, except) {
      const all = db.deleteFrom('sessions').where('user_id', '=', userId)
      await writing(() => (except === null ? all : all.where('id', '!=', except)).execute())
    },

    async removeVouchedSessions(voucher, { userId, providerSession, begunUntil }) {
      let all = db.deleteFrom('sessions').where('voucher', '=', voucher).where('created_at', '<=', begunUntil)
      if (userId !== null) all = all.where('user_id', '=', userId)
      if (providerSession !== null) {
        // A session of the person without such a name may be the one that is meant.
        all = all.where((is) => {
          const named = is('provider_session', '=', providerSession)
          return userId === null ? named : is.or([named, is('provider_session', 'is', null)])
        })
      }
      return (await writing(() => all.returningAll().execute())).map(sessionOf)
    },

    async removeExpiredSessions(now) {
      await writing(() => db.deleteFrom('sessions').where('expires_at', '<=', now).execute())
    },

    async recordSessionUse(id, { lastUsedAt, expiresAt }) {
      const use = { last_used_at: lastUsedAt, expires_at: expiresAt }
      await writing(() => db.updateTable('sessions').set(use).where('id', '=', id).execute())
    },
  }
}

/** Sessions whose owner is not disabled, with that owner. */
export function sessionStandings(db: Kysely<Tables>) {
  return db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.user_id')
    .select(['sessions.id', 'user_id', 'sessions.created_at', 'expires_at', 'last_used_at', 'role', 'tier'])
    .where('disabled', '=', sql.lit(0))
}

export type SessionStandingRow = InferResult<ReturnType<typeof sessionStandings>>[number]

export function sessionStandingOf(row: SessionStandingRow): SessionStanding {
  const userId = row.user_id as UserId
  const times = { createdAt: row.created_at, expiresAt: row.expires_at, lastUsedAt: row.last_used_at }
  return { session: { id: row.id, userId, ...times }, owner: { id: userId, role: row.role, tier: row.tier } }
}

function rowOf(session: Session): Selectable<Tables['sessions']> {
  return {
    id: session.id,
    user_id: session.userId,
    secret_hash: session.secretHash,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    last_used_at: session.lastUsedAt,
    client: session.client,
    address: session.address,
    voucher: session.voucher,
    provider_session: session.providerSession,
  }
}

function sessionOf(row: Selectable<Tables['sessions']>): Session {
  return {
    id: row.id,
    userId: row.user_id as UserId,
    secretHash: row.secret_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    client: row.client,
    address: row.address,
    voucher: row.voucher,
    providerSession: row.provider_session,
  }
}

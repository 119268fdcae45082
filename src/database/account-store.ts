import { type ExpressionBuilder, type InferResult, type Kysely, type Selectable, sql } from 'kysely'
import type { SessionStanding, Standing, Token, TokenStanding } from '../domain/people/account.ts'
import type { Scope, Scopes } from '../domain/people/scope.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { createKeptReads } from '../lib/kept-reads.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import { accountOf } from './account-row.ts'
import { identityRecords } from './identity-records.ts'
import { jobInsertion, underWay } from './job-store.ts'
import type { Database } from './open.ts'
import { type SessionStandingRow, sessionRecords, sessionStandingOf, sessionStandings } from './session-records.ts'
import type { Tables } from './tables.ts'
import { visitRecords } from './visit-records.ts'
import { writing, writingTogether } from './writing.ts'

const keptOwners = 1_000

/** Records of people and their credentials in SQL. */
export function createAccountStore({ db, changes }: Pick<Database, 'db' | 'changes'>): AccountStore {
  // Every request asks for the owner of its token, or of its session.
  const ownerOfToken = standings(db).where('secret_hash', '=', '').compile()
  const ownerOfSession = sessionStandings(db).where('secret_hash', '=', '').compile()
  const keptToken = createKeptReads<TokenStanding | null>(changes, keptOwners)
  const keptSession = createKeptReads<SessionStanding | null>(changes, keptOwners)
  const visitor = visitors(db).where('visits.secret_hash', '=', '').compile()
  const keptVisitor = createKeptReads<(SessionStanding & { environmentId: string }) | null>(changes, keptOwners)
  return {
    ...accountRecords(db),
    together: (work) => writingTogether(db, (trx) => work({ ...accountRecords(trx), insertJob: jobInsertion(trx) })),

    async tokenOwner(secretHash, now) {
      const standing = await keptToken(secretHash, async () => {
        const { rows } = await db.executeQuery<StandingRow>({ ...ownerOfToken, parameters: [secretHash] })
        return rows[0] ? standingOf(rows[0]) : null
      })
      const expiresAt = standing?.token.expiresAt ?? null
      return expiresAt === null || expiresAt > now ? standing : null
    },

    async sessionOwner(secretHash, now) {
      const standing = await keptSession(secretHash, async () => {
        const { rows } = await db.executeQuery<SessionStandingRow>({ ...ownerOfSession, parameters: [secretHash] })
        return rows[0] ? sessionStandingOf(rows[0]) : null
      })
      return standing && standing.session.expiresAt > now ? standing : null
    },

    async visitor(secretHash, now) {
      const standing = await keptVisitor(secretHash, async () => {
        const { rows } = await db.executeQuery<VisitorRow>({ ...visitor, parameters: [secretHash] })
        return rows[0] ? { ...sessionStandingOf(rows[0]), environmentId: rows[0].environment_id } : null
      })
      return standing && standing.session.expiresAt > now ? standing : null
    },
  }
}

/** Visits, with their session and its owner. */
function visitors(db: Kysely<Tables>) {
  return sessionStandings(db)
    .innerJoin('visits', 'visits.session_id', 'sessions.id')
    .select('environment_id')
    .where('code_until', 'is', null)
}

type VisitorRow = InferResult<ReturnType<typeof visitors>>[number]

function accountRecords(db: Kysely<Tables>): AccountRecords {
  return {
    ...sessionRecords(db),
    ...visitRecords(db),
    ...identityRecords(db),

    async account(id) {
      const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? accountOf(row) : null
    },

    async administrators() {
      const admins = db.selectFrom('accounts').selectAll().where('role', '=', 'admin').where('disabled', '=', 0)
      return (await admins.orderBy('id').execute()).map(accountOf)
    },

    async accounts({ after, limit }) {
      let query = db.selectFrom('accounts').selectAll()
      if (after) query = query.where('id', '>', after)
      return (await query.orderBy('id').limit(limit).execute()).map(accountOf)
    },

    async addAccount({ id, role, tier, disabled, createdAt }) {
      const { numInsertedOrUpdatedRows } = await writing(() =>
        db
          .insertInto('accounts')
          .values({ id, role, tier, disabled: Number(disabled), had_folder: 0, created_at: createdAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow(),
      )
      return numInsertedOrUpdatedRows === 1n
    },

    async changeAccount(id, { role, tier, disabled }) {
      const change = {
        ...(role && { role }),
        ...(tier && { tier }),
        ...(disabled !== undefined && { disabled: Number(disabled) }),
      }
      if (Object.keys(change).length === 0) return this.account(id)
      const row = await writing(() =>
        db.updateTable('accounts').set(change).where('id', '=', id).returningAll().executeTakeFirst(),
      )
      return row ? accountOf(row) : null
    },

    async hadFolder(id) {
      const account = db.selectFrom('accounts').select('had_folder').where('id', '=', id)
      return (await account.executeTakeFirst())?.had_folder === 1
    },

    async recordFolder(id) {
      await writing(() => db.updateTable('accounts').set({ had_folder: 1 }).where('id', '=', id).execute())
    },

    async forgetFolder(id) {
      await writing(() => db.updateTable('accounts').set({ had_folder: 0 }).where('id', '=', id).execute())
    },

    async hadFolders() {
      const accounts = db.selectFrom('accounts').select('id').where('had_folder', '=', 1)
      return (await accounts.orderBy('id').execute()).map(({ id }) => id as UserId)
    },

    async environmentIds(userId) {
      const own = db.selectFrom('environments').select('id').where('user_id', '=', userId)
      return (await own.orderBy('created_at').orderBy('id').execute()).map(({ id }) => id)
    },

    async jobUnderWay(key) {
      return (await underWay(db).where('key', '=', key).executeTakeFirst())?.id ?? null
    },

    async removeAccount(id) {
      await writing(() => db.deleteFrom('idempotency_keys').where('user_id', '=', id).execute())
      await writing(() => db.deleteFrom('accounts').where('id', '=', id).execute())
    },

    async addToken(token) {
      await writing(() => db.insertInto('tokens').values(rowOf(token)).execute())
    },

    async standing(id, now) {
      const token = await standings(db).where('tokens.id', '=', id).where(notExpired(now)).executeTakeFirst()
      if (token) return standingOf(token)
      const sessions = sessionStandings(db).where('sessions.id', '=', id).where('expires_at', '>', now)
      const session = await sessions.executeTakeFirst()
      return session ? sessionStandingOf(session) : null
    },

    async standingsOf(credentialIds, now) {
      const tokens = standings(db).where('tokens.id', 'in', credentialIds).where(notExpired(now))
      const sessions = sessionStandings(db).where('sessions.id', 'in', credentialIds).where('expires_at', '>', now)
      return new Map<string, Standing>([
        ...(await tokens.execute()).map((row) => [row.id, standingOf(row)] as const),
        ...(await sessions.execute()).map((row) => [row.id, sessionStandingOf(row)] as const),
      ])
    },

    async tokens(userId, now) {
      const tokens = db.selectFrom('tokens').selectAll().where('user_id', '=', userId).where(notExpired(now))
      return (await tokens.orderBy('created_at').orderBy('id').execute()).map(tokenOf)
    },

    async fullAdminTokens(now) {
      const tokens = standings(db)
        .where('tokens.role', '=', 'admin')
        .where('accounts.role', '=', 'admin')
        .where('scopes', 'is', null)
      return (await tokens.where(notExpired(now)).execute()).map((row) => standingOf(row).token)
    },

    async token(id) {
      const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? tokenOf(row) : null
    },

    async removeToken(id) {
      await writing(() => db.deleteFrom('tokens').where('id', '=', id).execute())
    },

    async removeExpiredTokens(now) {
      await writing(() => db.deleteFrom('tokens').where('expires_at', '<=', now).execute())
    },

    async lowerTokens(userId) {
      await writing(() => db.updateTable('tokens').set({ role: 'user' }).where('user_id', '=', userId).execute())
    },

    async recordUse(tokenId, at) {
      await writing(() => db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', tokenId).execute())
    },
  }
}

/** Tokens whose owner is not disabled, with that owner. */
function standings(db: Kysely<Tables>) {
  return db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.user_id')
    .select(['tokens.id', 'user_id', 'name', 'tokens.role', 'scopes', 'expires_at', 'last_used_at'])
    .select(['accounts.role as owner_role', 'tier'])
    .where('disabled', '=', sql.lit(0))
}

type StandingRow = InferResult<ReturnType<typeof standings>>[number]

function notExpired(now: number) {
  return (is: ExpressionBuilder<Tables, 'tokens'>) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)])
}

function standingOf(row: StandingRow): TokenStanding {
  const { id, name, role, expires_at: expiresAt, last_used_at: lastUsedAt } = row
  const userId = row.user_id as UserId
  return {
    token: { id, userId, name, role, scopes: scopesOf(row), expiresAt, lastUsedAt },
    owner: { id: userId, role: row.owner_role, tier: row.tier },
  }
}

function rowOf(token: Token): Selectable<Tables['tokens']> {
  return {
    id: token.id,
    user_id: token.userId,
    name: token.name,
    role: token.role,
    scopes: token.scopes && JSON.stringify(token.scopes),
    secret_hash: token.secretHash,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
  }
}

function tokenOf(row: Selectable<Tables['tokens']>): Token {
  return {
    id: row.id,
    userId: row.user_id as UserId,
    name: row.name,
    role: row.role,
    scopes: scopesOf(row),
    secretHash: row.secret_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}

function scopesOf({ scopes }: Pick<Selectable<Tables['tokens']>, 'scopes'>): Scopes {
  return scopes === null ? null : (JSON.parse(scopes) as Scope[])
}

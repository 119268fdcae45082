import type { InferResult, Kysely, Selectable } from 'kysely'
import type { Account, Token } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Tables } from './tables.ts'
import { writing, writingTogether } from './writing.ts'

/** Records of people and their tokens in SQL. */
export function createAccountStore(db: Kysely<Tables>): AccountStore {
  // Every request asks this, so its text is made once; the two parameters are given when it is asked.
  const ownerOfToken = db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.user_id')
    .selectAll('tokens')
    .select(['accounts.role as owner_role', 'accounts.tier as tier', 'accounts.created_at as owner_created_at'])
    .where('secret_hash', '=', '')
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', 0)]))
  const ownerOfTokenQuery = ownerOfToken.compile()

  return {
    async account(id) {
      const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? accountOf(row) : null
    },

    async admins() {
      const { count } = await db
        .selectFrom('accounts')
        .select((is) => is.fn.countAll().as('count'))
        .where('role', '=', 'admin')
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async accounts({ after, limit }) {
      let query = db.selectFrom('accounts').selectAll()
      if (after) query = query.where('id', '>', after)
      return (await query.orderBy('id').limit(limit).execute()).map(accountOf)
    },

    async addAccount({ id, role, tier, createdAt }, token) {
      return await writingTogether(db, async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('accounts')
          .values({ id, role, tier, created_at: createdAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        const added = numInsertedOrUpdatedRows === 1n
        if (added && token) await insertToken(trx, token)
        return added
      })
    },

    async changeAccount(id, { role, tier }) {
      const change = { ...(role && { role }), ...(tier && { tier }) }
      if (Object.keys(change).length === 0) return this.account(id)
      const row = await writing(() =>
        db.updateTable('accounts').set(change).where('id', '=', id).returningAll().executeTakeFirst(),
      )
      return row ? accountOf(row) : null
    },

    addToken: (token) => writing(() => insertToken(db, token)),

    async tokenOwner(secretHash, now) {
      const query = { ...ownerOfTokenQuery, parameters: [secretHash, now] }
      const { rows } = await db.executeQuery<InferResult<typeof ownerOfToken>[number]>(query)
      const [row] = rows
      if (!row) return null
      const owner = { id: row.user_id, role: row.owner_role, tier: row.tier, created_at: row.owner_created_at }
      return { token: tokenOf(row), owner: accountOf(owner) }
    },

    async tokens(userId) {
      const rows = await db
        .selectFrom('tokens')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .execute()
      return rows.map(tokenOf)
    },

    async token(id) {
      const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? tokenOf(row) : null
    },

    async removeToken(id) {
      await writing(() => db.deleteFrom('tokens').where('id', '=', id).execute())
    },
  }
}

async function insertToken(db: Kysely<Tables>, token: Token): Promise<void> {
  await db
    .insertInto('tokens')
    .values({
      id: token.id,
      user_id: token.userId,
      name: token.name,
      role: token.role,
      secret_hash: token.secretHash,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
    })
    .execute()
}

function accountOf(row: Selectable<Tables['accounts']>): Account {
  return { id: row.id as UserId, role: row.role, tier: row.tier, createdAt: row.created_at }
}

function tokenOf(row: Selectable<Tables['tokens']>): Token {
  return {
    id: row.id,
    userId: row.user_id as UserId,
    name: row.name,
    role: row.role,
    secretHash: row.secret_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

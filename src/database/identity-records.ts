import type { Kysely } from 'kysely'
import type { UserId } from '../domain/people/user-id.ts'
import type { AccountRecords } from '../ports/account-store.ts'
import type { Tables } from './tables.ts'
import { writing } from './writing.ts'

type IdentityRecords = Pick<AccountRecords, 'identified' | 'identityOf' | 'setIdentity' | 'removeIdentities'>

/** Records of who people are at identity providers, in SQL. */
export function identityRecords(db: Kysely<Tables>): IdentityRecords {
  return {
    async identified({ issuer, subject }) {
      const identities = db.selectFrom('identities').select('user_id')
      const row = await identities.where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst()
      return (row?.user_id as UserId | undefined) ?? null
    },

    async identityOf(issuer, userId) {
      const identities = db.selectFrom('identities').select(['issuer', 'subject'])
      const row = await identities.where('issuer', '=', issuer).where('user_id', '=', userId).executeTakeFirst()
      return row ?? null
    },

    async setIdentity(userId, { issuer, subject }) {
      const identity = db.insertInto('identities').values({ issuer, subject, user_id: userId })
      await writing(() =>
        identity.onConflict((same) => same.columns(['issuer', 'user_id']).doUpdateSet({ subject })).execute(),
      )
    },

    async removeIdentities(userId) {
      await writing(() => db.deleteFrom('identities').where('user_id', '=', userId).execute())
    },
  }
}

import type { Kysely } from 'kysely'
import type { AccountRecords } from '../ports/account-store.ts'
import type { Tables } from './tables.ts'
import { writing } from './writing.ts'

type VisitRecords = Pick<AccountRecords, 'addCode' | 'isCode' | 'takeCode' | 'addVisit'>

// Tabs that are opened at one instant each enter, and the browser keeps the cookie of the last: the others must hold until then.
const keptAtMost = 50

/** Records of visits to environments, and of the codes that begin them, in SQL. They end with their session. */
export function visitRecords(db: Kysely<Tables>): VisitRecords {
  return {
    async addCode({ codeHash, sessionId, environmentId, expiresAt }, now) {
      await writing(() => db.deleteFrom('visits').where('code_until', '<=', now).execute())
      const code = {
        secret_hash: codeHash,
        session_id: sessionId,
        environment_id: environmentId,
        code_until: expiresAt,
        created_at: now,
      }
      await writing(() => db.insertInto('visits').values(code).execute())
    },

    async isCode({ codeHash, environmentId }, now) {
      const code = db.selectFrom('visits').select('secret_hash').where('secret_hash', '=', codeHash)
      const valid = code.where('environment_id', '=', environmentId).where('code_until', '>', now)
      return (await valid.executeTakeFirst()) !== undefined
    },

    async takeCode(codeHash, now) {
      const code = db.deleteFrom('visits').where('secret_hash', '=', codeHash).where('code_until', '>', now)
      const row = await writing(() => code.returningAll().executeTakeFirst())
      return row ? { sessionId: row.session_id, environmentId: row.environment_id } : null
    },

    async addVisit({ secretHash, sessionId, environmentId }, now) {
      const visit = { secret_hash: secretHash, session_id: sessionId, environment_id: environmentId }
      await writing(() =>
        db
          .insertInto('visits')
          .values({ ...visit, code_until: null, created_at: now })
          .execute(),
      )
      const ofBoth = db.selectFrom('visits').select('secret_hash').where('session_id', '=', sessionId)
      const all = ofBoth.where('environment_id', '=', environmentId).where('code_until', 'is', null)
      const newest = (await all.orderBy('created_at', 'desc').execute()).map(({ secret_hash }) => secret_hash)
      const tooOld = newest.slice(keptAtMost)
      if (tooOld.length > 0) await writing(() => db.deleteFrom('visits').where('secret_hash', 'in', tooOld).execute())
    },
  }
}

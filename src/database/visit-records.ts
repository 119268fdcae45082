import type { Kysely } from 'kysely'
import type { AccountRecords } from '../ports/account-store.ts'
import type { Tables } from './tables.ts'
import { writing } from './writing.ts'

type VisitRecords = Pick<AccountRecords, 'addCode' | 'takeCode' | 'setVisit'>

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
      }
      await writing(() => db.insertInto('visits').values(code).execute())
    },

    async takeCode(codeHash, now) {
      const code = db.deleteFrom('visits').where('secret_hash', '=', codeHash).where('code_until', '>', now)
      const row = await writing(() => code.returningAll().executeTakeFirst())
      return row ? { sessionId: row.session_id, environmentId: row.environment_id } : null
    },

    async setVisit({ secretHash, sessionId, environmentId }) {
      const earlier = db.deleteFrom('visits').where('session_id', '=', sessionId).where('code_until', 'is', null)
      await writing(() => earlier.where('environment_id', '=', environmentId).execute())
      const visit = { secret_hash: secretHash, session_id: sessionId, environment_id: environmentId, code_until: null }
      await writing(() => db.insertInto('visits').values(visit).execute())
    },
  }
}

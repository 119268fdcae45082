import type { Selectable } from 'kysely'
import { filePath, pathText } from '../domain/files/file-path.ts'
import type { FolderOpening } from '../domain/files/opening.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { createKeptReads } from '../lib/kept-reads.ts'
import type { OpeningStore } from '../ports/opening-store.ts'
import type { Database } from './open.ts'
import type { Tables } from './tables.ts'
import { writing, writingTogether } from './writing.ts'

/** Records of opened folders, in SQL. Every change of a shared file asks for all of them, so they are kept in memory. */
export function createOpeningStore({ db, changes }: Pick<Database, 'db' | 'changes'>): OpeningStore {
  const kept = createKeptReads<readonly FolderOpening[]>(changes, 1)
  const all = () =>
    kept('', async () => (await db.selectFrom('folder_openings').selectAll().orderBy('path').execute()).map(fromRow))
  return {
    all,

    async add(opening, { atMost }) {
      const row = toRow(opening)
      return await writingTogether(db, async (trx) => {
        const rows = await trx.selectFrom('folder_openings').selectAll().execute()
        const isSame = (each: typeof row) =>
          each.path === row.path && each.user_id === row.user_id && each.tier === row.tier
        if (rows.some(isSame)) return 'exists'
        if (rows.length >= atMost) return 'full'
        await trx.insertInto('folder_openings').values(row).execute()
        return 'added'
      })
    },

    async remove(id) {
      const [result] = await writing(() => db.deleteFrom('folder_openings').where('id', '=', id).execute())
      return (result?.numDeletedRows ?? 0n) > 0n
    },
  }
}

function toRow({ id, path, to, openedBy, openedAt }: FolderOpening): Selectable<Tables['folder_openings']> {
  const [user_id, tier] = 'userId' in to ? [to.userId, null] : [null, to.tier]
  return { id, path: pathText(path), user_id, tier, opened_by: openedBy, opened_at: openedAt }
}

function fromRow(row: Selectable<Tables['folder_openings']>): FolderOpening {
  return {
    id: row.id,
    path: filePath(row.path),
    to: row.user_id === null ? { tier: row.tier ?? '' } : { userId: row.user_id as UserId },
    openedBy: row.opened_by as UserId,
    openedAt: row.opened_at,
  }
}

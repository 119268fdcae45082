import { type Selectable, sql } from 'kysely'
import { sharedTree, type Tree } from '../domain/files/tree.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { Trashed, TrashStore } from '../ports/trash-store.ts'
import type { Database } from './open.ts'
import type { Tables } from './tables.ts'
import { writing } from './writing.ts'

/** Records of what is in the trash, in SQL. A row without `user_id` was in `shared/`. */
export function createTrashStore({ db }: Pick<Database, 'db'>): TrashStore {
  const all = () => db.selectFrom('trash').selectAll()
  return {
    async add(trashed) {
      await writing(() => db.insertInto('trash').values(toRow(trashed)).execute())
    },

    async get(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row ? fromRow(row) : null
    },

    async list({ tree, after, limit }) {
      let query = all().orderBy('deleted_at', 'desc').orderBy('id', 'desc').limit(limit)
      if (tree) query = query.where('user_id', 'is', userIdOf(tree))
      if (after)
        query = query.where((is) => is(is.refTuple('deleted_at', 'id'), '<', is.tuple(after.deletedAt, after.id)))
      return (await query.execute()).map(fromRow)
    },

    async setBytes(bytes) {
      for (const [id, each] of bytes) {
        await writing(() => db.updateTable('trash').set({ bytes: each }).where('id', '=', id).execute())
      }
    },

    async bytesOfPeople(only) {
      let query = db
        .selectFrom('trash')
        .leftJoin('accounts', 'accounts.id', 'trash.user_id')
        // As floating point: whole numbers of a few thousand huge sparse files are more than SQLite can add.
        .select(({ fn }) => ['user_id', fn.sum<number>(sql`cast(bytes as double precision)`).as('bytes')])
        .where('user_id', 'is not', null)
        .where(({ or, eb, ref }) =>
          or([eb('accounts.id', 'is', null), eb('trash.deleted_at', '>=', ref('accounts.created_at'))]),
        )
        .groupBy('user_id')
      if (only) query = query.where('user_id', '=', only)
      const rows = await query.execute()
      return new Map(rows.map(({ user_id, bytes }) => [user_id as UserId, Number(bytes ?? 0)]))
    },

    async remove(id) {
      await writing(() => db.deleteFrom('trash').where('id', '=', id).execute())
    },
  }
}

function userIdOf(tree: Tree): UserId | null {
  return tree.kind === 'person' ? tree.userId : null
}

function toRow(trashed: Trashed): Selectable<Tables['trash']> {
  return {
    id: trashed.id,
    user_id: userIdOf(trashed.tree),
    path: trashed.path,
    kind: trashed.kind,
    size_bytes: trashed.sizeBytes,
    bytes: trashed.bytes,
    deleted_by: trashed.deletedBy,
    deleted_at: trashed.deletedAt,
  }
}

function fromRow(row: Selectable<Tables['trash']>): Trashed {
  return {
    id: row.id,
    tree: row.user_id === null ? sharedTree : { kind: 'person', userId: row.user_id as UserId },
    path: row.path,
    kind: row.kind,
    sizeBytes: row.size_bytes,
    bytes: row.bytes,
    deletedBy: row.deleted_by as UserId,
    deletedAt: row.deleted_at,
  }
}

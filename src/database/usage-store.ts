import { beginningOf, keptMs, type PlaceCount, type Span } from '../domain/usage/place.ts'
import type { UsageStore } from '../ports/usage-store.ts'
import type { Database } from './open.ts'
import type { Tables } from './tables.ts'
import { writing, writingTogether } from './writing.ts'

const spans = ['hour', 'day'] as const satisfies Span[]

/** Records of what folders hold, in SQL. Paths are kept as they are, one character for each octet. */
export function createUsageStore({ db }: Pick<Database, 'db'>): UsageStore {
  return {
    async latest() {
      const rows = await db.selectFrom('usage_counts').selectAll().orderBy('bytes', 'desc').orderBy('place').execute()
      return rows.map(toCount)
    },

    async record(counts) {
      if (counts.length === 0) return
      await writingTogether(db, async (trx) => {
        for (const each of counts) {
          const row = toRow(each)
          await trx
            .insertInto('usage_counts')
            .values(row)
            .onConflict((conflict) => conflict.column('place').doUpdateSet(row))
            .execute()
          const { bytes, sizeBytes: size_bytes, files } = each.count
          for (const span of spans) {
            const sample = { place: each.path, span, at: beginningOf(span, each.countedAt), bytes, size_bytes, files }
            await trx
              .insertInto('usage_history')
              .values(sample)
              .onConflict((conflict) => conflict.columns(['place', 'span', 'at']).doUpdateSet(sample))
              .execute()
          }
        }
      })
    },

    async forget(paths) {
      for (const path of paths) {
        await writing(() => db.deleteFrom('usage_counts').where('place', '=', path).execute())
      }
    },

    async history(path, span, since) {
      const rows = await db
        .selectFrom('usage_history')
        .select(['at', 'bytes', 'size_bytes', 'files'])
        .where('place', '=', path)
        .where('span', '=', span)
        .where('at', '>=', since)
        .orderBy('at')
        .execute()
      return rows.map(({ at, bytes, size_bytes, files }) => ({ at, count: { bytes, sizeBytes: size_bytes, files } }))
    },

    async prune(now) {
      for (const span of spans) {
        const tooOld = db
          .deleteFrom('usage_history')
          .where('span', '=', span)
          .where('at', '<', now - keptMs[span])
        await writing(() => tooOld.execute())
      }
    },
  }
}

function toRow({ path, count, missed, biggest, countedAt, fullAt }: PlaceCount): Tables['usage_counts'] {
  return {
    place: path,
    bytes: count.bytes,
    size_bytes: count.sizeBytes,
    files: count.files,
    folders: count.folders,
    missed,
    biggest: JSON.stringify(biggest),
    counted_at: countedAt,
    full_at: fullAt,
  }
}

function toCount(row: Tables['usage_counts']): PlaceCount {
  const { place, bytes, size_bytes, files, folders, missed, biggest, counted_at, full_at } = row
  const count = { bytes, sizeBytes: size_bytes, files, folders }
  return { path: place, count, missed, biggest: JSON.parse(biggest), countedAt: counted_at, fullAt: full_at }
}

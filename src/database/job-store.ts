import type { Kysely, Updateable } from 'kysely'
import type { Job } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { JobChange, JobStore } from '../ports/job-store.ts'
import type { Database } from './open.ts'
import type { JobRow, Tables } from './tables.ts'
import { writing, writingTogether } from './writing.ts'

const endings = ['done', 'failed', 'cancelled'] as const

/** Records of long work in SQL. */
export function createJobStore({ db }: Pick<Database, 'db'>): JobStore {
  return {
    insert: (...asked) => writingTogether(db, (trx) => jobInsertion(trx)(...asked)),

    async get(id) {
      const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? jobOf(row) : null
    },

    async list({ userId, kind, status, after, limit }) {
      let query = db.selectFrom('jobs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit)
      if (userId) query = query.where('user_id', '=', userId)
      if (kind) query = query.where('kind', '=', kind)
      if (status) query = query.where('status', '=', status)
      if (after)
        query = query.where((is) => is(is.refTuple('created_at', 'id'), '<', is.tuple(after.createdAt, after.id)))
      return (await query.execute()).map(jobOf)
    },

    async newestDone(kind, keys) {
      const done = db.selectFrom('jobs').where('kind', '=', kind).where('status', '=', 'done')
      const newest = done
        .select(({ fn }) => ['key', fn.max('created_at').as('newest')])
        .where('key', 'in', keys)
        .groupBy('key')
      const rows = await done
        .selectAll()
        .where((is) => is(is.refTuple('key', 'created_at'), 'in', newest.$asTuple('key', 'newest')))
        .execute()
      return new Map(rows.map((row) => [row.key ?? '', jobOf(row)]))
    },

    async underWay() {
      const rows = await underWay(db).orderBy('created_at').orderBy('id').execute()
      return rows.map(jobOf)
    },

    async change(id, change) {
      const update = db.updateTable('jobs').set(columnsOf(change)).where('id', '=', id)
      const row = await writing(() => update.where('status', 'not in', endings).returningAll().executeTakeFirst())
      return row ? jobOf(row) : null
    },

    async forgetEnded(before, { lastOfEachKey, since }) {
      const old = db
        .deleteFrom('jobs')
        .where('status', 'in', endings)
        .where('ended_at', '<', before)
        .where(({ and, eb, exists, or, selectFrom }) =>
          or([
            and([eb('kind', 'in', lastOfEachKey), eb('ended_at', '<', since)]),
            exists(
              selectFrom('jobs as newer')
                .select('newer.id')
                .whereRef('newer.kind', '=', 'jobs.kind')
                .whereRef('newer.status', '=', 'jobs.status')
                .whereRef('newer.created_at', '>', 'jobs.created_at')
                .where((is) =>
                  is.or([is('jobs.kind', 'not in', lastOfEachKey), is('newer.key', '=', is.ref('jobs.key'))]),
                ),
            ),
          ]),
        )
      await writing(() => old.execute())
    },
  }
}

/** `JobStore.insert` in the transaction `trx`. */
export function jobInsertion(trx: Kysely<Tables>): JobStore['insert'] {
  return async (job, { key, atMost }) => {
    const other = key === null ? undefined : await underWay(trx).where('key', '=', key).executeTakeFirst()
    if (other) return { kind: 'taken', id: other.id, userId: other.user_id as UserId }
    const own = await underWay(trx).where('user_id', '=', job.userId).execute()
    if (own.length >= atMost) return { kind: 'full' }
    await trx.insertInto('jobs').values(toRow(job, key)).execute()
    return { kind: 'inserted' }
  }
}

/** The jobs that have not ended. */
export function underWay(db: Kysely<Tables>) {
  return db.selectFrom('jobs').selectAll().where('status', 'not in', endings)
}

function columnsOf({ status, progress, result, failure, startedAt, endedAt }: JobChange): Updateable<Tables['jobs']> {
  return {
    ...(status !== undefined && { status }),
    ...(progress !== undefined && { progress: textOf(progress) }),
    ...(result !== undefined && { result: textOf(result) }),
    ...(failure !== undefined && { failure: textOf(failure) }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(endedAt !== undefined && { ended_at: endedAt }),
  }
}

function toRow(job: Job, key: string | null): JobRow {
  return {
    id: job.id,
    kind: job.kind,
    key,
    user_id: job.userId,
    title: job.title,
    input: JSON.stringify(job.input),
    status: job.status,
    progress: textOf(job.progress),
    result: textOf(job.result),
    failure: textOf(job.failure),
    created_at: job.createdAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
  }
}

/** The job of a row. */
export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    userId: row.user_id as UserId,
    title: row.title,
    input: JSON.parse(row.input),
    status: row.status,
    progress: parsed(row.progress),
    result: parsed(row.result),
    failure: parsed(row.failure),
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function textOf(value: object | null): string | null {
  return value && JSON.stringify(value)
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

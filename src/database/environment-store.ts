import type { Kysely, Selectable } from 'kysely'
import type { Environment, Failure, Launch, Outline, Resources } from '../domain/environment/environment.ts'
import type { IdleAction } from '../domain/idle/idle.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { createKeptReads } from '../lib/kept-reads.ts'
import type { EnvironmentChange, EnvironmentStore, ListPosition, ListQuery } from '../ports/environment-store.ts'
import { claimOf, recordClaim } from './idempotency-keys.ts'
import type { Database } from './open.ts'
import type { Tables } from './tables.ts'
import { writing, writingTogether } from './writing.ts'

type Row = Selectable<Tables['environments']>

const outlineColumns = [
  'id',
  'user_id',
  'desired',
  'restart_requested_at',
  'replace_container',
  'made_from',
  'safe',
  'failure',
  'idle_action',
] as const

const pageSize = 1_000
const keptPages = 20
const keptRecords = 1_000
const keptOpenings = 100

/** Records of environments in SQL. */
export function createEnvironmentStore({ db, changes }: Pick<Database, 'db' | 'changes'>): EnvironmentStore {
  const keptPage = createKeptReads<readonly Environment[]>(changes, keptPages)
  const keptRecord = createKeptReads<Environment | null>(changes, keptRecords)

  const records = ({ userId, template, after, limit }: ListQuery) => {
    let query = db.selectFrom('environments').orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit)
    if (userId) query = query.where('user_id', '=', userId)
    if (template) query = query.where('template', '=', template)
    if (!after) return query
    return query.where((is) => is(is.refTuple('created_at', 'id'), '<', is.tuple(after.createdAt, after.id)))
  }

  const read: EnvironmentStore['list'] = async (query) => (await records(query).selectAll().execute()).map(fromRow)

  return {
    // Frontends ask for the same first pages again and again.
    list: (query) => (query.after ? read(query) : keptPage(JSON.stringify(query), () => read(query))),

    async *pages() {
      const rows = (after?: ListPosition) => records({ limit: pageSize, after }).selectAll().execute()
      for await (const page of paged(rows)) yield page.map(fromRow)
    },

    async *outlines() {
      const rows = (after?: ListPosition) =>
        records({ limit: pageSize, after })
          .select(['created_at', ...outlineColumns])
          .execute()
      for await (const page of paged(rows)) yield page.map(outlineOf)
    },

    // The gateway asks for the same record with every request.
    get: (id) =>
      keptRecord(id, async () => {
        const row = await db.selectFrom('environments').selectAll().where('id', '=', id).executeTakeFirst()
        return row ? fromRow(row) : null
      }),

    count: (userId) => countOf(db, userId),

    async insert(environment, { claim, atMost, tier }) {
      return await writingTogether(db, async (trx) => {
        if (claim && (await claimOf(trx, { ...claim, now: environment.createdAt }))) return 'claimed'
        const owner = await ownerOf(trx, environment.userId)
        if (!owner) return 'no-owner'
        if (owner.disabled) return 'owner-disabled'
        if (tier !== undefined && owner.tier !== tier) return 'tier-changed'
        if ((await countOf(trx, environment.userId)) >= atMost) return 'full'
        if (await isThere(trx, environment.id)) return 'taken'
        if (claim) await recordClaim(trx, claim, environment)
        await trx.insertInto('environments').values(toRow(environment)).execute()
        return 'inserted'
      })
    },

    claimed: (userId, key, now) => claimOf(db, { userId, key, now }),

    async change(id, change, { as } = {}) {
      let update = db
        .updateTable('environments')
        .set(columnsOf(change))
        .where('id', '=', id)
        .where('desired', '!=', 'gone')
      if (as) {
        const { desired, lastActivityAt } = as
        update = update.where('desired', '=', desired)
        update = update.where('last_activity_at', lastActivityAt === null ? 'is' : '=', lastActivityAt)
      }
      const row = await writing(() => update.returningAll().executeTakeFirst())
      return row ? fromRow(row) : null
    },

    async claimHostPort(id, choose) {
      return await writingTogether(db, async (trx) => {
        const rows = await trx
          .selectFrom('environments')
          .select('host_port')
          .where('host_port', 'is not', null)
          .execute()
        const hostPort = choose(new Set(rows.flatMap(({ host_port }) => host_port ?? [])))
        await trx.updateTable('environments').set({ host_port: hostPort }).where('id', '=', id).execute()
        return hostPort
      })
    },

    async forget(id) {
      await writing(() => db.deleteFrom('environments').where('id', '=', id).execute())
    },

    async addOpening({ environmentId, userId, by, at }) {
      const row = { environment_id: environmentId, user_id: userId, by, at }
      await writingTogether(db, async (trx) => {
        await trx.insertInto('openings').values(row).execute()
        const all = trx.selectFrom('openings').select('at').where('environment_id', '=', environmentId)
        const oldestKept = all
          .orderBy('at', 'desc')
          .limit(1)
          .offset(keptOpenings - 1)
        const older = trx.deleteFrom('openings').where('environment_id', '=', environmentId)
        await older.where('at', '<', oldestKept).execute()
      })
    },

    async openings(environmentId, atMost) {
      const openings = db.selectFrom('openings').selectAll().where('environment_id', '=', environmentId)
      const rows = await openings.orderBy('at', 'desc').limit(atMost).execute()
      return rows.map(({ environment_id, user_id, by, at }) => ({
        environmentId: environment_id,
        userId: user_id as UserId,
        by,
        at,
      }))
    },

    async recordLegacyOwners(owners) {
      const rows = Array.from(owners, ([container_name, user_id]) => ({ container_name, user_id }))
      await writingTogether(db, async (trx) => {
        for (const row of rows) {
          await trx
            .insertInto('legacy_owners')
            .values(row)
            .onConflict((conflict) => conflict.column('container_name').doNothing())
            .execute()
        }
      })
    },

    async legacyOwners() {
      const rows = await db.selectFrom('legacy_owners').selectAll().execute()
      return new Map(rows.map(({ container_name, user_id }) => [container_name, user_id as UserId]))
    },
  }
}

/** Each page begins after the last record of the one before. */
async function* paged<R extends Pick<Row, 'id' | 'created_at'>>(read: (after?: ListPosition) => Promise<R[]>) {
  let after: ListPosition | undefined
  for (;;) {
    const page = await read(after)
    yield page
    const last = page.at(-1)
    if (page.length < pageSize || !last) return
    after = { createdAt: last.created_at, id: last.id }
  }
}

async function ownerOf(db: Kysely<Tables>, userId: UserId): Promise<{ tier: string; disabled: number } | undefined> {
  return await db.selectFrom('accounts').select(['tier', 'disabled']).where('id', '=', userId).executeTakeFirst()
}

async function isThere(db: Kysely<Tables>, id: string): Promise<boolean> {
  return (await db.selectFrom('environments').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

async function countOf(db: Kysely<Tables>, userId: UserId): Promise<number> {
  const { count } = await db
    .selectFrom('environments')
    .select((is) => is.fn.countAll().as('count'))
    .where('user_id', '=', userId)
    .where('desired', '!=', 'gone')
    .executeTakeFirstOrThrow()
  return Number(count)
}

function columnsOf(change: EnvironmentChange): Partial<Row> {
  const {
    name,
    token,
    hostPort,
    desired,
    restartRequestedAt,
    replaceContainer,
    madeFrom,
    safe,
    failure,
    lastActivityAt,
    idleAction,
    upstream,
    outOfMemoryAt,
  } = change
  return {
    ...(name !== undefined && { name }),
    ...(token !== undefined && { token }),
    ...(hostPort !== undefined && { host_port: hostPort }),
    ...(desired !== undefined && { desired }),
    ...(restartRequestedAt !== undefined && { restart_requested_at: restartRequestedAt }),
    ...(replaceContainer !== undefined && { replace_container: replaceContainer }),
    ...(madeFrom !== undefined && { made_from: madeFrom && JSON.stringify(madeFrom) }),
    ...(safe !== undefined && { safe: safe ? 1 : 0 }),
    ...(failure !== undefined && { failure: failure && JSON.stringify(failure) }),
    ...(lastActivityAt !== undefined && { last_activity_at: lastActivityAt }),
    ...(idleAction !== undefined && { idle_action: idleAction && JSON.stringify(idleAction) }),
    ...(upstream !== undefined && { upstream: upstream && JSON.stringify(upstream) }),
    ...(outOfMemoryAt !== undefined && { out_of_memory_at: outOfMemoryAt }),
  }
}

function toRow(environment: Environment): Row {
  return {
    id: environment.id,
    user_id: environment.userId,
    name: environment.name,
    template: environment.template,
    launch: JSON.stringify(environment.launch),
    resources: JSON.stringify(environment.resources),
    token: environment.token,
    host_port: environment.hostPort,
    desired: environment.desired,
    restart_requested_at: environment.restartRequestedAt,
    replace_container: environment.replaceContainer,
    made_from: environment.madeFrom && JSON.stringify(environment.madeFrom),
    safe: environment.safe ? 1 : 0,
    failure: environment.failure && JSON.stringify(environment.failure),
    last_activity_at: environment.lastActivityAt,
    idle_action: environment.idleAction && JSON.stringify(environment.idleAction),
    upstream: environment.upstream && JSON.stringify(environment.upstream),
    out_of_memory_at: environment.outOfMemoryAt,
    created_at: environment.createdAt,
  }
}

// Only toRow writes the columns that hold JSON and branded ids, so what comes back has the type that went in.
function fromRow(row: Row): Environment {
  return {
    ...outlineOf(row),
    name: row.name,
    template: row.template,
    launch: JSON.parse(row.launch) as Launch,
    resources: JSON.parse(row.resources) as Resources,
    token: row.token,
    hostPort: row.host_port,
    lastActivityAt: row.last_activity_at,
    upstream: row.upstream === null ? null : (JSON.parse(row.upstream) as Environment['upstream']),
    outOfMemoryAt: row.out_of_memory_at,
    createdAt: row.created_at,
  }
}

function outlineOf(row: Pick<Row, (typeof outlineColumns)[number]>): Outline {
  return {
    id: row.id,
    userId: row.user_id as UserId,
    desired: row.desired,
    restartRequestedAt: row.restart_requested_at,
    replaceContainer: row.replace_container,
    madeFrom: row.made_from === null ? null : (JSON.parse(row.made_from) as Environment['madeFrom']),
    safe: row.safe === 1,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as Failure),
    idleAction: row.idle_action === null ? null : (JSON.parse(row.idle_action) as IdleAction),
  }
}

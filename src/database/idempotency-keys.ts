import type { Kysely } from 'kysely'
import type { Environment } from '../domain/environment/environment.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { IdempotencyClaim } from '../ports/environment-store.ts'
import type { Tables } from './tables.ts'

// Within this time, a second creation with the same key is the same creation.
const lifetimeMs = 86_400_000

/** The creation that claimed a person's key within the last day before `now`; null if the key is free. */
export async function claimOf(
  db: Kysely<Tables>,
  { userId, key, now }: { userId: UserId; key: string; now: number },
): Promise<{ requestHash: string; environmentId: string } | null> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'environment_id'])
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .where('created_at', '>', now - lifetimeMs)
    .executeTakeFirst()
  return row ? { requestHash: row.request_hash, environmentId: row.environment_id } : null
}

/** Records the claim of a free key, and removes all expired claims. */
export async function recordClaim(
  db: Kysely<Tables>,
  claim: IdempotencyClaim,
  { id, createdAt }: Pick<Environment, 'id' | 'createdAt'>,
): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<=', createdAt - lifetimeMs)
    .execute()
  await db
    .insertInto('idempotency_keys')
    .values({
      user_id: claim.userId,
      key: claim.key,
      request_hash: claim.requestHash,
      environment_id: id,
      created_at: createdAt,
    })
    .execute()
}

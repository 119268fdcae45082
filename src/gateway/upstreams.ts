import type { Pool } from 'undici'
import type { Address } from '../domain/environment/environment.ts'
import type { Clock } from '../ports/clock.ts'

const unusedForMs = 60_000

/** The kept connections to environments' servers, by address. */
export type Upstreams = AsyncDisposable & {
  of(address: Address): Promise<Pool>
}

export function createUpstreams({ clock }: { clock: Pick<Clock, 'steady'> }): Upstreams {
  const pools = new Map<string, { pool: Pool; usedAt: number }>()
  let lookedAt = clock.steady()

  function dropUnused(now: number): void {
    if (now - lookedAt < unusedForMs) return
    lookedAt = now
    for (const [key, { pool, usedAt }] of pools) {
      if (now - usedAt < unusedForMs || pool.stats.running + pool.stats.pending + pool.stats.queued > 0) continue
      pools.delete(key)
      void pool.close()
    }
  }

  return {
    async of({ host, port }) {
      const key = `${host}:${port}`
      const now = clock.steady()
      dropUnused(now)
      const known = pools.get(key)
      if (known) {
        known.usedAt = now
        return known.pool
      }
      const { Pool } = await import('undici') // most starts of the service are over before anybody opens an environment
      const kept = pools.get(key) ?? { pool: new Pool(`http://${key}`, options), usedAt: now }
      pools.set(key, kept)
      return kept.pool
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(pools.values(), ({ pool }) => pool.destroy()))
      pools.clear()
    },
  }
}

const options = {
  // No bound: undici lets new requests overtake those that wait for a connection, and some would wait for ever.
  connections: null,
  pipelining: 1,
  connectTimeout: 5_000,
  keepAliveTimeout: 30_000,
  // A cell may compute for hours before its program answers, and a stream of events may be silent as long.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const

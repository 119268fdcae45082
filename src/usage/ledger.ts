import type { PlaceCount } from '../domain/usage/place.ts'
import type { Octets } from '../lib/octets.ts'
import type { UsageStore } from '../ports/usage-store.ts'

/** The newest figures of all places in memory, and what people have written since they were counted. */
export type Ledger = {
  all(): Promise<readonly PlaceCount[]>
  of(path: Octets): Promise<PlaceCount | null>
  /** What a folder takes: its last count, and what was written through the service since. Null before the first count. */
  usedBytes(path: Octets): Promise<number | null>
  /** Notes what the service wrote for somebody, or removed (less than 0). */
  wrote(path: Octets, bytes: number): void
  /** What is written from now on is after the count that begins now. */
  beginCount(): void
  record(counts: readonly PlaceCount[]): Promise<void>
  forget(paths: readonly Octets[]): Promise<void>
}

type Written = { before: number; since: number }

export function createLedger(store: UsageStore): Ledger {
  let places: Promise<Map<Octets, PlaceCount>> | null = null
  const written = new Map<Octets, Written>()

  /** Read once: a second reading would take the place of what was recorded since the first. */
  function known(): Promise<Map<Octets, PlaceCount>> {
    places ??= read().catch((error: unknown) => {
      places = null
      throw error
    })
    return places
  }

  async function read(): Promise<Map<Octets, PlaceCount>> {
    return new Map((await store.latest()).map((each) => [each.path, each]))
  }

  return {
    all: async () => [...(await known()).values()],
    of: async (path) => (await known()).get(path) ?? null,
    async usedBytes(path) {
      const counted = (await known()).get(path)
      const { before, since } = written.get(path) ?? { before: 0, since: 0 }
      return counted ? Math.max(counted.count.bytes + before + since, 0) : null
    },
    wrote(path, bytes) {
      const { before, since } = written.get(path) ?? { before: 0, since: 0 }
      written.set(path, { before, since: since + bytes })
    },
    beginCount() {
      for (const [path, { before, since }] of written) written.set(path, { before: before + since, since: 0 })
    },
    async record(counts) {
      await store.record(counts)
      const all = await known()
      for (const each of counts) {
        all.set(each.path, each)
        const since = written.get(each.path)?.since ?? 0
        if (since === 0) written.delete(each.path)
        else written.set(each.path, { before: 0, since })
      }
    },
    async forget(paths) {
      await store.forget(paths)
      const all = await known()
      for (const path of paths) all.delete(path)
    },
  }
}

import type { PlaceCount } from '../domain/usage/place.ts'
import type { Octets } from '../lib/octets.ts'
import type { UsageStore } from '../ports/usage-store.ts'

/** The newest figures of all places in memory, and what people have written since they were counted. */
export type Ledger = {
  all(): Promise<readonly PlaceCount[]>
  of(path: Octets): Promise<PlaceCount | null>
  /** What a folder takes, as far as is known: its last count, if there was one, and what was written through the service since. */
  usedBytes(path: Octets): Promise<number>
  /** Notes what the service wrote for somebody, or removed (less than 0). `file`: its path below; undefined if it is many, or unknown. */
  wrote(path: Octets, bytes: number, file?: string): void
  /** Notes what came back into a folder that it left at that moment. It counts there still if no count has ended since. */
  cameBack(path: Octets, bytes: number, leftAt: number): Promise<void>
  /** Lets bytes count before they are there, whatever is counted meanwhile. */
  announce(path: Octets, bytes: number): Announced
  /** What is written from now on is after the count that begins now. Dispose of it when that has ended, or failed. */
  beginCount(): Disposable
  record(counts: readonly PlaceCount[]): Promise<void>
  /** Forgets what is at other paths than a count of everything found: the figures, and what was written there before it began. */
  keepOnly(found: ReadonlySet<Octets>): Promise<void>
}

/** What is on its way into a folder. Counts no more once it is disposed of. */
export type Announced = Disposable & {
  /** Notes that so much of it is there now. */
  came(bytes: number): void
}

/** What came less what went, before the newest count began and since then. `files`: the latter by file; null unless a count has yet to tell. */
type Written = { before: number; since: number; files: Map<string | undefined, Grown> | null }

/** How much a file has grown since the count began, and had at the least: it may have been seen then. */
type Grown = { now: number; least: number }

const nothing: Written = { before: 0, since: 0, files: null }

/** What a count keeps of each folder. A program may write any number of files meanwhile. */
const filesAtMost = 10_000

export function createLedger(store: UsageStore): Ledger {
  let places: Promise<Map<Octets, PlaceCount>> | null = null
  const written = new Map<Octets, Written>()
  const announced = new Set<{ path: Octets; bytes: number }>()
  let isCounting = false

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

  /**
   * A count has seen a path: what was written there before it began counts no more. It may have missed what came since, and must not
   * be lowered by what went since: it may not have seen that any more.
   */
  function settle(path: Octets): void {
    let missed = 0
    for (const { now, least } of written.get(path)?.files?.values() ?? []) missed += now - least
    written.set(path, { before: 0, since: missed, files: null })
  }

  function wrote(path: Octets, bytes: number, file?: string): void {
    const { before, since, files } = written.get(path) ?? { ...nothing, files: isCounting ? new Map() : null }
    written.set(path, { before, since: since + bytes, files })
    if (!files) return
    const known = files.has(file) || files.size < filesAtMost ? file : undefined
    const grown = files.get(known) ?? { now: 0, least: 0 }
    // Of files that are not known, one may have gone and another come.
    const now = grown.now + (known === undefined ? Math.max(bytes, 0) : bytes)
    files.set(known, { now, least: Math.min(grown.least, now) })
  }

  /** Names of files are of use to a count alone. */
  function endCount(): void {
    isCounting = false
    for (const [path, { before, since }] of written) {
      if (before + since === 0) written.delete(path)
      else written.set(path, { before, since, files: null })
    }
  }

  return {
    wrote,
    all: async () => [...(await known()).values()],
    of: async (path) => (await known()).get(path) ?? null,
    async usedBytes(path) {
      const counted = (await known()).get(path)
      const { before, since } = written.get(path) ?? nothing
      let coming = 0
      for (const each of announced) if (each.path === path) coming += each.bytes
      return Math.max((counted?.count.bytes ?? 0) + before + since, 0) + coming
    },
    async cameBack(path, bytes, leftAt) {
      const counted = (await known()).get(path)
      if (counted && counted.countedAt > leftAt) wrote(path, bytes)
    },
    announce(path, bytes) {
      const own = { path, bytes }
      announced.add(own)
      return {
        came(some) {
          own.bytes = Math.max(own.bytes - some, 0)
          wrote(path, some)
        },
        [Symbol.dispose]: () => void announced.delete(own),
      }
    },
    beginCount() {
      isCounting = true
      for (const [path, { before, since }] of written) {
        written.set(path, { before: before + since, since: 0, files: new Map() })
      }
      return { [Symbol.dispose]: endCount }
    },
    async record(counts) {
      await store.record(counts)
      const all = await known()
      for (const each of counts) {
        all.set(each.path, each)
        settle(each.path)
      }
    },
    async keepOnly(found) {
      const all = await known()
      const gone = [...all.keys()].filter((path) => !found.has(path))
      await store.forget(gone)
      for (const path of gone) all.delete(path)
      for (const path of written.keys()) if (!found.has(path)) settle(path)
    },
  }
}

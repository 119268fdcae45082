import type { TreeCount } from '../domain/usage/count.ts'
import type { TrashedFolder } from '../domain/usage/counting.ts'
import type { Octets } from '../lib/octets.ts'

/** What a count could not count; the figures of earlier counts stand. */
export type Uncounted = {
  /** The tree; null: the count as a whole. */
  tree: Octets | null
  reason: string
}

/** Counts what the folders of the data root hold. */
export interface UsageCounter {
  /**
   * Counts all trees, one after the other, and calls back for each. `full` reads the entries of every folder; otherwise only of
   * those that have changed. `stopSubvolumes`: see CountingOrder. Tells all folders in the trash, some at a time, before it tells
   * `admin`. Never rejects but for its signal.
   */
  count(
    options: { full: boolean; stopSubvolumes: boolean; signal: AbortSignal },
    onCounted: (count: TreeCount) => void,
    onTrashed: (folders: readonly TrashedFolder[]) => void,
  ): Promise<readonly Uncounted[]>
}

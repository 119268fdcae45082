import type { Environment } from '../api/bodies.ts'
import { isNewer } from '../api/changes.ts'
import type { Sort } from '../parts/rows.tsx'

export type SortKey = 'name' | 'status' | 'person' | 'template' | 'created' | 'lastUsed'

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byText = (of: (each: Environment) => string) => (a: Environment, b: Environment) => collator.compare(of(a), of(b))
const byTime = (of: (each: Environment) => string | null) => (a: Environment, b: Environment) => {
  const [left, right] = [of(a) ?? '', of(b) ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}

// An administrator looks for these first.
const rank: Record<Environment['status'], number> = {
  failed: 0,
  unknown: 1,
  pending: 2,
  pulling: 3,
  creating: 4,
  starting: 5,
  stopping: 6,
  running: 7,
  paused: 8,
  exited: 9,
}

const comparisons: Record<Exclude<SortKey, 'created'>, (a: Environment, b: Environment) => number> = {
  name: byText(({ name }) => name),
  status: (a, b) => rank[a.status] - rank[b.status],
  person: byText(({ user_id }) => user_id),
  template: byText(({ template }) => template),
  lastUsed: byTime(({ last_activity }) => last_activity),
}

/** Equals stand as in the list of the service: the newest first, whichever the direction. */
function comparisonOf({ by, isDown }: Sort<Exclude<SortKey, 'created'>>) {
  const compare = comparisons[by]
  return (a: Environment, b: Environment) => (isDown ? compare(b, a) : compare(a, b)) || (isNewer(a, b) ? -1 : 1)
}

/** A list in its order. */
export type Sorted = { sort: Sort<SortKey>; items: readonly Environment[] }

/**
 * Sorts the list, which has the newest first. `before` is the result of the last time: if the sort is the same, only those environments are
 * compared that are new or have changed since. A name costs a microsecond to compare, and a busy lab changes ten times a second. Pure.
 */
export function sorted(list: readonly Environment[], sort: Sort<SortKey>, before?: Sorted): Sorted {
  const { by, isDown } = sort
  if (by === 'created') return { sort, items: isDown ? list : list.toReversed() }
  const compare = comparisonOf({ by, isDown })
  if (before?.sort.by !== by || before.sort.isDown !== isDown) return { sort, items: list.toSorted(compare) }
  const unplaced = new Set(list)
  const kept = before.items.filter((each) => unplaced.delete(each))
  return { sort, items: merged(kept, [...unplaced].sort(compare), compare) }
}

function merged<Item>(list: readonly Item[], added: readonly Item[], compare: (a: Item, b: Item) => number): Item[] {
  const result: Item[] = []
  let next = 0
  for (const each of list) {
    for (let one = added[next]; one !== undefined && compare(one, each) < 0; one = added[++next]) result.push(one)
    result.push(each)
  }
  return [...result, ...added.slice(next)]
}

/** The sort after a press on the head of a column: the same column turns round; times begin with the newest. Pure. */
export function sortAfter({ by, isDown }: Sort<SortKey>, pressed: SortKey): Sort<SortKey> {
  if (by === pressed) return { by, isDown: !isDown }
  return { by: pressed, isDown: pressed === 'created' || pressed === 'lastUsed' }
}

/** The copies of the database that are kept before an upgrade changes its tables: their names, and which of them stay. Pure. */

/** How many copies are kept, each of the tables of another version. */
export const copiesKept = 5

/** For example `ai-lab-0012-upstreams-and-openings-2026-11-26T14-02-11Z.db`. `tables`: the newest change of the tables in it. */
export function copyName(tables: string, atMs: number): string {
  const second = new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '-')
  return `ai-lab-${tables}-${second}Z.db`
}

/** The newest of the copies that have the tables of that version; null if there is none. */
export function newestCopyOf(names: readonly string[], tables: string): string | null {
  const copies = names.flatMap((name) => copyOf(name) ?? []).filter((copy) => copy.tables === tables)
  return copies.toSorted((one, other) => other.time.localeCompare(one.time))[0]?.name ?? null
}

/**
 * The copies that may go, now that the copy `made` is whole. Of the tables of each version the newest copy stays, so that a start
 * which fails again and again pushes out no copy of an earlier version.
 */
export function copiesToDrop(names: readonly string[], made: string): string[] {
  const copies = names.flatMap((name) => copyOf(name) ?? [])
  const newestFirst = copies.toSorted((one, other) => rank(other).localeCompare(rank(one)))
  const ofEachVersion = Map.groupBy(newestFirst, ({ tables }) => tables)
  const kept = Array.from(ofEachVersion.values(), ([newest]) => newest?.name).slice(0, copiesKept)
  return copies.map(({ name }) => name).filter((name) => !kept.includes(name))

  // The clock may have been set back since an earlier copy.
  function rank({ name, time }: Copy): string {
    return `${name === made ? 1 : 0} ${time}`
  }
}

type Copy = { name: string; tables: string; time: string }

function copyOf(name: string): Copy | null {
  const [, tables, time] = /^ai-lab-(\d{4}-.+)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.db$/.exec(name) ?? []
  return tables === undefined || time === undefined ? null : { name, tables, time }
}

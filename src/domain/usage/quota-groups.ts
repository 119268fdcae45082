/** What Btrfs tells of a subvolume's quota group. `limitBytes` null: none. */
export type QuotaGroup = { usedBytes: number; limitBytes: number | null }

/**
 * Reads `btrfs qgroup show -re --raw`, by the ids of subvolumes. Pure. It does not read the column of paths: people choose names of
 * subvolumes, and a name with a line break can look like a line of its own. Of an id that is told twice it believes neither line.
 */
export function quotaGroupsIn(text: string): Map<number, QuotaGroup> {
  const groups = new Map<number, QuotaGroup>()
  const twice = new Set<number>()
  for (const line of text.split('\n')) {
    const [, id, used, limit] = /^0\/(\d+)\s+(\d+)\s+\d+\s+(\d+|none)\s/.exec(`${line} `) ?? []
    if (id === undefined || used === undefined) continue
    if (groups.has(Number(id))) twice.add(Number(id))
    groups.set(Number(id), { usedBytes: Number(used), limitBytes: limit === 'none' ? null : Number(limit) })
  }
  for (const id of twice) groups.delete(id)
  return groups
}

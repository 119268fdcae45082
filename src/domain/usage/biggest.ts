import type { Octets } from '../../lib/octets.ts'
import type { Count, FolderCount } from './count.ts'

/** A folder of a counted tree, for the search of the biggest. */
export type Candidate = { id: number; name: Octets; total: Count }

const shownAtMost = 10
const lookedAtMost = 500
const deepest = 40
/** Smaller folders are no answer to the question where the room went. */
const leastPart = 0.01
/** A folder in which nearly all is in one folder is not told: that one is. */
const nearlyAll = 0.9

/**
 * The folders below `top` that take the most, the biggest first, each with all that is below it. `childrenOf` gives the biggest
 * folders in one, the biggest first. Looks only at the biggest, so that it is quick in every tree.
 */
export function biggestFolders(top: Candidate, childrenOf: (id: number) => readonly Candidate[]): FolderCount[] {
  const found: FolderCount[] = []
  const open = [{ folder: top, path: [] as Octets[] }]
  for (let looked = 0; looked < lookedAtMost && found.length < shownAtMost; looked += 1) {
    open.sort((one, other) => other.folder.total.bytes - one.folder.total.bytes)
    const next = open.shift()
    if (!next || next.folder.total.bytes < Math.max(top.total.bytes * leastPart, 1)) break
    const { folder, path } = next
    const children = path.length < deepest ? childrenOf(folder.id) : []
    open.push(...children.map((child) => ({ folder: child, path: [...path, child.name] })))
    const isOnlyAround = (children[0]?.total.bytes ?? 0) >= folder.total.bytes * nearlyAll
    if (folder !== top && !isOnlyAround) found.push({ path: path.join('/'), count: folder.total })
  }
  return found
}

/** One page of a folder's names. A folder may have hundreds of thousands, so this never sorts them all. Pure. */
import type { Octets } from '../../lib/octets.ts'
import { endOf, lengthOctets, type PackedNames, textOf } from './packed-names.ts'

type Asked = { after: Octets | null; limit: number; isReverse?: boolean; isHidden?: (name: Octets) => boolean }

/**
 * The first `limit` names after `after`, in the order of their bytes, or in the reverse order; `more` if others follow. `after` null:
 * from the beginning.
 */
export function pageOfNames(
  names: PackedNames,
  { after, limit, isReverse = false, isHidden = () => false }: Asked,
): { names: Octets[]; more: boolean } {
  const direction = isReverse ? -1 : 1
  const inOrder = (one: Octets, other: Octets) => (one < other ? -direction : direction)
  // The page is the beginning of these. They are cut to it whenever they are twice as many as the page and one more.
  let found: Octets[] = []
  let last: Octets | null = null
  const cut = () => {
    found = found.sort(inOrder).slice(0, limit + 1)
    last = found[limit] ?? null
  }
  for (let at = 0, to = 0; at < names.length; at = to) {
    const from = at + lengthOctets
    to = endOf(names, at)
    if (after !== null && compare(names, from, to, after) * direction <= 0) continue
    if (last !== null && compare(names, from, to, last) * direction > 0) continue
    const name = textOf(names, from, to)
    if (isHidden(name)) continue
    found.push(name)
    if (found.length > 2 * limit + 1) cut()
  }
  cut()
  return { names: found.slice(0, limit), more: found.length > limit }
}

/** Below zero if the name between two places comes before the other one in the order of their bytes. */
function compare(names: PackedNames, from: number, to: number, other: Octets): number {
  const length = Math.min(to - from, other.length)
  for (let at = 0; at < length; at += 1) {
    const difference = (names[from + at] as number) - other.charCodeAt(at)
    if (difference !== 0) return difference
  }
  return to - from - other.length
}

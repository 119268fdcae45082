/** One page of a folder's names. A folder may have hundreds of thousands, so this never sorts them all. Pure. */

/**
 * The first `limit` names after `after`, in the order of their bytes, or in the reverse order; `more` if others follow. `after` null:
 * from the beginning.
 */
export function pageOfNames(
  names: readonly string[],
  { after, limit, isReverse = false }: { after: string | null; limit: number; isReverse?: boolean },
): { names: string[]; more: boolean } {
  const comesBefore = isReverse ? (a: string, b: string) => a > b : (a: string, b: string) => a < b
  const page: string[] = []
  let more = false
  // A folder's names mostly come sorted: taken from the right end, few of them move others.
  for (const name of isReverse ? names.toReversed() : names) {
    if (after !== null && !comesBefore(after, name)) continue
    const last = page[limit - 1]
    if (last !== undefined) {
      more = true
      if (!comesBefore(name, last)) continue
      page.pop()
    }
    page.splice(placeOf(page, name, comesBefore), 0, name)
  }
  return { names: page, more }
}

/** Where a name belongs in a sorted page, by halving. */
function placeOf(page: readonly string[], name: string, comesBefore: (a: string, b: string) => boolean): number {
  let low = 0
  let high = page.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (comesBefore(page[middle] as string, name)) low = middle + 1
    else high = middle
  }
  return low
}

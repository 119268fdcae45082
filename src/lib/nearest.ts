/** The word most like `word`, if it is close enough to be a typing mistake; else null. */
export function nearest(word: string, words: readonly string[]): string | null {
  const closeEnough = Math.max(1, Math.floor(word.length / 4))
  const [best] = words
    .filter((other) => Math.abs(word.length - other.length) <= closeEnough) // each letter too many is one to remove
    .map((other) => ({ other, distance: distance(word, other) }))
    .sort((one, two) => one.distance - two.distance)
  return best && best.distance <= closeEnough ? best.other : null
}

/** The things sorted by how like their words are to one word, the likest first. */
export function byLikeness<T>(things: readonly T[], wordOf: (thing: T) => string, word: string): T[] {
  return things
    .map((thing) => ({ thing, distance: distance(word, wordOf(thing)) }))
    .sort((one, two) => one.distance - two.distance || (wordOf(one.thing) < wordOf(two.thing) ? -1 : 1))
    .map(({ thing }) => thing)
}

/** How many letters must be added, removed, changed, or swapped with the next (optimal string alignment). */
function distance(one: string, two: string): number {
  let before: number[] = []
  let row = Array.from({ length: two.length + 1 }, (_, index) => index)
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1]
    for (let to = 0; to < two.length; to += 1) {
      const change = (row[to] ?? 0) + (one[at] === two[to] ? 0 : 1)
      const isSwap = one[at] === two[to - 1] && one[at - 1] === two[to]
      const swap = isSwap ? (before[to - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(change, swap, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}

/** Chance that can be repeated: the same seed gives the same numbers. */
export type Chance = {
  /** From 0 up to, not including, `below`. */
  int(below: number): number
  /** From 0 up to, not including, 1. */
  part(): number
  pick<T>(items: readonly T[]): T
}

/** Mulberry32: 32 bits of state are plenty for a test, and it is one line. */
export function createChance(seed: number): Chance {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    part: next,
    pick: (items) => {
      if (items.length === 0) throw new Error('there is nothing to pick from')
      return items[int(items.length)] as (typeof items)[number]
    },
  }
}

const keptAtMost = 10_000

/**
 * Counts by key. A count begins with its first event and is forgotten `withinMs` later; if there are too many, the oldest is
 * forgotten.
 */
export class Counts {
  readonly #counts = new Map<string, { count: number; endsAt: number }>()
  readonly #withinMs: number
  readonly #now: () => number

  constructor(withinMs: number, now: () => number) {
    this.#withinMs = withinMs
    this.#now = now
  }

  of(key: string): number {
    return this.#present(key)?.count ?? 0
  }

  /** The milliseconds until the count of `key` is forgotten. */
  endsInMs(key: string): number {
    return (this.#present(key)?.endsAt ?? this.#now()) - this.#now()
  }

  add(key: string): void {
    const present = this.#present(key)
    if (present) present.count += 1
    else this.#begin(key)
  }

  forget(key: string): void {
    this.#counts.delete(key)
  }

  #begin(key: string): void {
    const [oldest] = this.#counts.keys()
    if (oldest !== undefined && this.#counts.size >= keptAtMost) this.#counts.delete(oldest)
    this.#counts.set(key, { count: 1, endsAt: this.#now() + this.#withinMs })
  }

  #present(key: string): { count: number; endsAt: number } | undefined {
    const known = this.#counts.get(key)
    if (known && known.endsAt > this.#now()) return known
    this.#counts.delete(key)
    return undefined
  }
}

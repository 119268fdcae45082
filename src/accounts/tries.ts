import { Counts } from '../lib/counts.ts'

/** Counts, by key, the tries that failed within a time, and those under way, which may fail yet. */
export class Tries {
  readonly failed: Counts
  readonly #underWay = new Map<string, number>()

  constructor(withinMs: number, now: () => number) {
    this.failed = new Counts(withinMs, now)
  }

  /** How many have failed or may fail yet. */
  of(key: string): number {
    return this.failed.of(key) + (this.#underWay.get(key) ?? 0)
  }

  begin(key: string): void {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1)
  }

  end(key: string): void {
    const left = (this.#underWay.get(key) ?? 0) - 1
    if (left > 0) this.#underWay.set(key, left)
    else this.#underWay.delete(key)
  }
}

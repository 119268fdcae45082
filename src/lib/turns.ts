type Waiter = { key: string; round: number; enter: () => void }

/**
 * Lets at most `size` holders in at once; the others wait for a turn. It is fair between groups: each group has one turn
 * in a round, so ten holders of one group cannot keep out another group. Within a round: first come, first served.
 */
export class Turns {
  #free: number
  /** The round of the holder that entered last. */
  #round = 0
  readonly #lastRoundOf = new Map<string, number>()
  /** In the order in which they enter. */
  readonly #waiting: Waiter[] = []
  readonly #onMove: () => void

  /** @param onMove is called whenever a place in the queue may have changed */
  constructor(size: number, onMove: () => void = () => {}) {
    this.#free = size
    this.#onMove = onMove
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** How many wait with that key. */
  waitingWith(key: string): number {
    return this.#waiting.filter((waiter) => waiter.key === key).length
  }

  /** How many are ahead of `key` in the queue, or null when it does not wait. */
  place(key: string): number | null {
    const index = this.#waiting.findIndex((waiter) => waiter.key === key)
    return index < 0 ? null : index
  }

  /** Waits for a turn; dispose of the result to end the turn. Rejects with the signal's reason when aborted. */
  async acquire(
    key: string,
    { group = '', signal }: { group?: string; signal?: AbortSignal } = {},
  ): Promise<Disposable> {
    signal?.throwIfAborted()
    const round = this.#nextRoundOf(group)
    if (this.#free > 0) {
      this.#free -= 1
      this.#round = round
    } else {
      await this.#wait(key, round, signal)
    }
    return this.#turn()
  }

  #nextRoundOf(group: string): number {
    const round = Math.max(this.#round, (this.#lastRoundOf.get(group) ?? -1) + 1)
    for (const [other, last] of this.#lastRoundOf) if (last < this.#round) this.#lastRoundOf.delete(other)
    this.#lastRoundOf.set(group, round)
    return round
  }

  #wait(key: string, round: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        this.#onMove()
        reject(signal?.reason)
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const waiter = { key, round, enter }
      const behind = this.#waiting.findIndex((other) => other.round > round)
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter)
      if (behind >= 0) this.#onMove()
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #turn(): Disposable {
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        const next = this.#waiting.shift()
        if (!next) {
          this.#free += 1
          return
        }
        this.#round = next.round
        next.enter()
        this.#onMove()
      },
    }
  }
}

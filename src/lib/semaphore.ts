/** Lets at most `size` holders in at once; the others wait their turn, first come first served. */
export class Semaphore {
  #free: number
  readonly #waiting: { key: string; enter: () => void }[] = []

  constructor(size: number) {
    this.#free = size
  }

  /** How many are ahead of `key` in the queue, or null when it does not wait. */
  place(key: string): number | null {
    const index = this.#waiting.findIndex((waiter) => waiter.key === key)
    return index < 0 ? null : index
  }

  /** Waits for a turn. Dispose what it gives to hand the turn on. Rejects with the signal's reason when aborted. */
  async acquire(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return this.#turn()
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = { key, enter: resolve }
      this.#waiting.push(waiter)
      signal?.addEventListener(
        'abort',
        () => {
          const index = this.#waiting.indexOf(waiter)
          if (index < 0) return
          this.#waiting.splice(index, 1)
          reject(signal.reason)
        },
        { once: true },
      )
    })
    return this.#turn()
  }

  #turn(): Disposable {
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        const next = this.#waiting.shift()
        if (next) next.enter()
        else this.#free += 1
      },
    }
  }
}

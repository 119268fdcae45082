/** Wakes those who wait for a change of something with a key. */
export class Bell {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** The keys that somebody waits for. */
  get awaited(): string[] {
    return [...this.#waiting.keys()]
  }

  ring(key: string): void {
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    for (const wakeUp of waiting ?? []) wakeUp()
  }

  /** Resolves at the next ring for the key, or when the signal aborts. */
  next(key: string, { signal }: { signal: AbortSignal }): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set()
      this.#waiting.set(key, waiting)
      const done = () => {
        signal.removeEventListener('abort', done)
        waiting.delete(done)
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      waiting.add(done)
    })
  }
}

/** Gives each value to all earlier subscribers; a value waits until it is consumed. */
export class Feed<T> {
  readonly #subscribers = new Set<{ push: (value: T) => void; end: () => void }>()

  push(value: T): void {
    for (const subscriber of this.#subscribers) subscriber.push(value)
  }

  /** Ends all subscriptions, once all earlier values are consumed. */
  end(): void {
    for (const subscriber of this.#subscribers) subscriber.end()
  }

  /** Subscribes at the call, until `end`, the abort of the signal, or the consumer's `break`. */
  subscribe(signal: AbortSignal): AsyncGenerator<T> {
    const waiting: T[] = []
    let ended = signal.aborted
    let wake = () => {}
    const subscriber = {
      push: (value: T) => {
        waiting.push(value)
        wake()
      },
      end: () => {
        ended = true
        wake()
      },
    }
    this.#subscribers.add(subscriber)
    signal.addEventListener('abort', subscriber.end, { once: true })
    const leave = () => this.#subscribers.delete(subscriber)
    return (async function* () {
      try {
        while (true) {
          const value = waiting.shift()
          if (value !== undefined && !signal.aborted) yield value
          else if (ended) return
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        leave()
        signal.removeEventListener('abort', subscriber.end)
      }
    })()
  }
}

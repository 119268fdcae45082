export type Batch<Value> = {
  add(key: string, value: Value): void
  /** Hands on the waiting values at once. */
  flush(): void
}

/**
 * Hands values on in groups, at most one group in `everyMs`; of each key only the newest value. A value after a quiet time goes on at once:
 * one change is seen without delay, and a hundred in a second cost as much as ten.
 */
export function createBatch<Value>(
  apply: (values: ReadonlyMap<string, Value>) => void,
  { everyMs }: { everyMs: number },
): Batch<Value> {
  let waiting = new Map<string, Value>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.size === 0) return
    const values = waiting
    waiting = new Map()
    timer = setTimeout(flush, everyMs) // the next group waits, even if this one was a single value
    apply(values)
  }

  return {
    add(key, value) {
      waiting.set(key, value)
      if (timer === undefined) flush()
    },
    flush,
  }
}

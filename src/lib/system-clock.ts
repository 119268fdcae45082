/** The real clock. */
export const systemClock = {
  now: () => Date.now(),
  steady: () => performance.now(),

  sleep(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    })
  },

  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, ms).unref()
    return () => clearTimeout(timer)
  },
}

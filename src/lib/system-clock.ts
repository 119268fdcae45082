import { startTimer } from './timer.ts'

/** The real clock. */
export const systemClock = {
  now: () => Date.now(),
  steady: () => performance.now(),

  sleep(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = startTimer(ms, done)
      signal?.addEventListener('abort', done, { once: true })
    })
  },

  after(ms: number, call: () => void): () => void {
    return startTimer(ms, call, { unref: true })
  },
}

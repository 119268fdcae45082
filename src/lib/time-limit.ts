import { startTimer } from './timer.ts'

/** Thrown when a wait takes longer than its limit; the message says what was waited for. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError'
}

/**
 * Runs `work` for at most `limitMs`. The work gets a signal that aborts at the limit or with `signal`; the promise
 * rejects at that instant even if the work ignores its signal (a hung file system cannot be aborted, only abandoned).
 *
 * @throws TimeLimitError at the limit, the signal's reason when aborted
 */
export async function timeLimit<T>(
  what: string,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (reason: unknown) => {
    controller.abort(reason)
    reject(reason)
  }
  const onAbort = () => abort(signal?.reason)
  const cancel = startTimer(limitMs, () => abort(new TimeLimitError(`${what} took longer than ${limitMs} ms`)))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(controller.signal), aborted])
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}

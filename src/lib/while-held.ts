/** Waits for work that does not know the signal: when it aborts, this wait ends with its reason, and the work goes on. */
export function whileHeld<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const end = () => reject(signal.reason)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end))
  return promise
}

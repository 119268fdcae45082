/** Time, so that tests can turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since some fixed moment, by a clock that runs evenly, even if somebody changes the time of day. */
  steady(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, options?: { signal?: AbortSignal }): Promise<void>
  /** Calls back once, after `ms`; gives a function that cancels the call. Does not keep the process alive. */
  after(ms: number, call: () => void): () => void
}

/** Time, so that tests can turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since some fixed moment: goes on evenly, whatever is done to the time of day. */
  steady(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, options?: { signal?: AbortSignal }): Promise<void>
  /** Calls back after `ms`, once; gives what cancels it. Does not keep the process alive. */
  after(ms: number, call: () => void): () => void
}

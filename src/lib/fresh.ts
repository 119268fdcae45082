/**
 * Callers share work that begins after their call. Work that runs already may have looked before the change that they ask about,
 * so they share the next run. One runs at a time, and one at most waits.
 */
export class Fresh<Result> {
  readonly #work: () => Promise<Result>
  #running: Promise<Result> | null = null
  #next: Promise<Result> | null = null

  constructor(work: () => Promise<Result>) {
    this.#work = work
  }

  run(): Promise<Result> {
    if (!this.#running) return this.#begin()
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = null
        return this.#begin()
      })
    return this.#next
  }

  #begin(): Promise<Result> {
    this.#running = this.#work().finally(() => {
      this.#running = null
    })
    return this.#running
  }
}

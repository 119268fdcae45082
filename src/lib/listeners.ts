/** Functions to call when something happens, in the order in which they were added. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>()

  /** Dispose of the result to listen no more. */
  add(listener: (value: T) => void): Disposable {
    this.#all.add(listener)
    return { [Symbol.dispose]: () => void this.#all.delete(listener) }
  }

  tell(value: T): void {
    for (const listener of this.#all) listener(value)
  }
}

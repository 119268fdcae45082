/** Functions to call when something happens, in the order in which they were added. */
export class Listeners<T> {
  readonly #all: ((value: T) => void)[] = []

  add(listener: (value: T) => void): void {
    this.#all.push(listener)
  }

  tell(value: T): void {
    for (const listener of this.#all) listener(value)
  }
}

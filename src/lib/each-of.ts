/** Does `work` for each item, `atOnce` at a time; takes the next item only when one is done. */
export async function eachOf<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const source = items[Symbol.iterator]()
  const hand = async () => {
    for (;;) {
      const { done, value } = source.next()
      if (done) return
      await work(value)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, hand))
}

/**
 * Does `work` for each item, `atOnce` at a time; takes the next item only when one is done. After an error it takes no further item,
 * and throws once all work under way has ended: nothing goes on behind the caller's back.
 */
export async function eachOf<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const source = items[Symbol.iterator]()
  let hasFailed = false
  const hand = async () => {
    while (!hasFailed) {
      const { done, value } = source.next()
      if (done) return
      await work(value).catch((error: unknown) => {
        hasFailed = true
        throw error
      })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, hand))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure) throw failure.reason
}

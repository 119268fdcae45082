/**
 * Does the work for all items, at most `atOnce` at a time, in their order. A failure of one stops nothing, unless `isEnd` says that the rest
 * would fail too. An abort of the signal begins nothing more; work under way runs to its end.
 */
export async function fewAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  {
    atOnce,
    signal,
    onDone,
    isEnd = () => false,
  }: {
    atOnce: number
    signal: AbortSignal
    onDone: (item: Item, error: unknown) => void
    isEnd?: (error: unknown) => boolean
  },
): Promise<void> {
  const left = items.values()
  let isOver = false
  async function worker(): Promise<void> {
    for (const item of left) {
      if (signal.aborted || isOver) return
      const error = await work(item).then(
        () => null,
        (error: unknown) => error ?? new Error('unknown'),
      )
      if (error !== null) isOver ||= isEnd(error)
      onDone(item, error)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/**
 * Does `work` for each item, one after the other. One that fails does not keep the others.
 * @throws AggregateError of all failures, with those words
 */
export async function eachDespiteFailures<T>(
  items: Iterable<T>,
  words: string,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = []
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw new AggregateError(failures, words)
}

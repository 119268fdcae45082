/**
 * Reads that callers repeat far more often than anything changes. A value is kept only while `changes` gives the same
 * text, so no value can be out of date. Callers share the values, so they must not change them.
 */
export function createKeptReads<T>(
  changes: () => string,
  keptAtMost: number,
): (key: string, read: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, T>()
  let keptAt = ''
  return async (key, read) => {
    const before = changes()
    if (before !== keptAt) kept.clear()
    keptAt = before
    const known = kept.get(key)
    if (known !== undefined) return known
    const value = await read()
    // If something changed meanwhile, nobody knows whether the value is of before or after.
    if (keptAt !== before) return value
    if (kept.size >= keptAtMost) kept.clear()
    kept.set(key, value)
    return value
  }
}

/**
 * Parses JSON of columns that are read far more often than they change, and keeps the values. The key is the whole text,
 * and a text always means the same, so no value can be out of date. Callers share the values, so they are frozen.
 */
export function createParseKept<T extends object>(keptAtMost: number): (text: string) => Readonly<T> {
  const kept = new Map<string, Readonly<T>>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    if (kept.size >= keptAtMost) kept.clear()
    const value = Object.freeze(JSON.parse(text) as T)
    kept.set(text, value)
    return value
  }
}

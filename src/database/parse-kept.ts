/**
 * Parses JSON of columns that are read far more often than they change, and keeps what it parsed. It is found by its whole
 * text, and what a text means never changes, so nothing here can be out of date. The values are shared: they are frozen.
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

/** Something that the command palette can do: a page, a thing, or an act. */
export type Entry = { id: string; group: string; label: string; more?: string }

type Findable = Pick<Entry, 'label' | 'more'>

/**
 * The entries that have all the words of the query, at most so many: first those whose label begins with it, then those with it in the
 * label, then the rest. Looks at each once, and stops early only where nothing better can come. Pure.
 */
export function found<E extends Findable>(entries: readonly E[], query: string, atMost: number): E[] {
  const whole = query.trim().toLowerCase()
  const words = whole.split(/\s+/).filter(Boolean)
  if (words.length === 0) return entries.slice(0, atMost)
  const ranked: E[][] = [[], [], []]
  for (const entry of entries) {
    const label = entry.label.toLowerCase()
    const rank = label.startsWith(whole) ? 0 : label.includes(whole) ? 1 : 2
    const ofRank = ranked[rank] as E[]
    if (ofRank.length >= atMost) continue
    const text = rank < 2 ? label : `${label}\n${entry.more?.toLowerCase() ?? ''}`
    if (words.every((word) => text.includes(word))) ofRank.push(entry)
  }
  return ranked.flat().slice(0, atMost)
}

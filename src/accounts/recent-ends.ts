import { type EndedElsewhere, isEnded } from '../domain/people/ended-elsewhere.ts'
import type { Claims } from '../domain/people/provider-claims.ts'
import type { Clock } from '../ports/clock.ts'

// No sign-in asks the provider for that long.
const keptMs = 5 * 60_000

/** Remembers for some minutes what the provider ended: a sign-in under way has no session yet that could be removed. */
export type RecentEnds = { add(end: EndedElsewhere): void; include(claims: Claims): boolean }

export function createRecentEnds({ steady }: Pick<Clock, 'steady'>): RecentEnds {
  const ends = new Map<string, { end: EndedElsewhere; until: number }>()
  return {
    add(end) {
      for (const [key, { until }] of ends) if (until <= steady()) ends.delete(key)
      ends.set(JSON.stringify(end), { end, until: steady() + keptMs }) // by its text, because a token may come twice
    },
    include: (claims) => [...ends.values()].some(({ end, until }) => until > steady() && isEnded(claims, end)),
  }
}

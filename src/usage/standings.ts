import type { UserId } from '../domain/people/user-id.ts'
import { type Standing, standingWords } from '../domain/usage/standing.ts'
import { shown } from '../lib/octets.ts'
import type { PlaceUsage } from './usage.ts'

export type StandingsLog = {
  near(userId: UserId, words: string): void
  over(userId: UserId, words: string): void
  back(userId: UserId): void
}

/** Who is near the limit or over it, with a log line at each turn. */
export type Standings = {
  note(all: readonly PlaceUsage[]): void
  /** Sentences for administrators, as of the last count. */
  words(): readonly string[]
  counts(): Record<'near' | 'over', number>
}

const namedAtMost = 10

export function createStandings(log: StandingsLog): Standings {
  let pressed = new Map<UserId, { standing: Standing; words: string }>()
  let isFirst = true

  /** What was known at the start was logged before. */
  function tell(now: typeof pressed): void {
    for (const [id, { standing, words }] of now) {
      if (standing !== pressed.get(id)?.standing) log[standing === 'over' ? 'over' : 'near'](id, words)
    }
    for (const id of pressed.keys()) if (!now.has(id)) log.back(id)
  }

  return {
    note(all) {
      const now: typeof pressed = new Map()
      for (const { userId, standing, limitBytes, count, trashBytes } of all) {
        const words = userId && standingWords({ limitBytes, usedBytes: count.bytes + trashBytes, trashBytes })
        if (userId && words) now.set(userId, { standing, words })
      }
      if (!isFirst) tell(now)
      isFirst = false
      pressed = now
    },
    words() {
      const lines = Array.from(pressed, ([id, { words }]) => `${shown(id)}: ${words}`)
      const more = lines.length - namedAtMost
      return more > 0 ? [...lines.slice(0, namedAtMost), `… and ${more} more: GET /api/data/usage`] : lines
    },
    counts() {
      const standings = Array.from(pressed.values(), ({ standing }) => standing)
      const over = standings.filter((standing) => standing === 'over').length
      return { over, near: standings.length - over }
    },
  }
}

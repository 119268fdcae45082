/**
 * Finds out when an environment was used last, from one look to the next.
 *
 * INVARIANTS
 * - Pure. Times that are kept are by the steady clock. Only the first look at a run reads the time of day. Every later
 *   look only asks whether something moved, so the clocks may jump.
 * - The environment's server and the service may have different times of day: their times are never compared.
 */
import type { ServerLook } from './jupyter-activity.ts'

/** The findings of one look: `now` by the steady clock and `today` by the time of day, in milliseconds. */
export type Sight = {
  now: number
  today: number
  /** When its container was started, by the time of day; null if that is not known at the moment. */
  startedAt: number | null
  /** The last activity in its record, by the time of day: from an earlier look, or from an act of a person. */
  recordedAt: number | null
  /** Null if its server was not asked, or gave no usable answer. */
  server: ServerLook | null
}

/** The state that is kept from look to look. */
export type Use = {
  activeAt: number
  startedAt: number | null
  seenAt: number
  /** The values of the last look, to tell whether they moved. */
  run: number | null
  recordedAt: number | null
  server: ServerLook | null
  serverSeenAt: number
}

export function followUse(before: Use | null, sight: Sight): Use {
  const isAnotherRun = before?.run != null && sight.startedAt !== null && before.run !== sight.startedAt
  return before && !isAnotherRun ? goOn(before, sight) : begin(sight)
}

function begin({ now, today, startedAt, recordedAt, server }: Sight): Use {
  const ages = [
    ...(server?.busy ? [0] : []),
    ...(server && server.lastActivity !== null ? [server.serverNow - server.lastActivity] : []),
    ...[recordedAt, startedAt].filter((at) => at !== null).map((at) => today - at),
  ]
  return {
    activeAt: now - Math.max(0, ages.length > 0 ? Math.min(...ages) : 0),
    startedAt: startedAt === null ? null : now - Math.max(0, today - startedAt),
    seenAt: now,
    run: startedAt,
    recordedAt,
    server,
    serverSeenAt: now,
  }
}

function goOn(before: Use, sight: Sight): Use {
  const { now, today, startedAt, recordedAt, server } = sight
  const ages = [
    ...(server ? agesInServer(before, server, now) : []),
    // The recorded time moved since the last look, so the activity is no older than that look.
    ...(recordedAt !== null && recordedAt !== before.recordedAt
      ? [between(today - recordedAt, now - before.seenAt)]
      : []),
  ]
  return {
    activeAt: Math.max(before.activeAt, ...ages.map((age) => now - age)),
    startedAt: before.startedAt ?? (startedAt === null ? null : now - Math.max(0, today - startedAt)),
    seenAt: now,
    run: before.run ?? startedAt,
    recordedAt,
    server: server ?? before.server,
    serverSeenAt: server ? now : before.serverSeenAt,
  }
}

function agesInServer(before: Use, server: ServerLook, now: number): number[] {
  if (server.busy) return [0]
  const { lastActivity, serverNow, saves } = server
  const known = before.server
  if (!known) return lastActivity === null ? [] : [Math.max(0, serverNow - lastActivity)]
  const sinceMs = now - before.serverSeenAt
  const moved = lastActivity !== known.lastActivity
  const saved = saves !== null && known.saves !== null && saves > known.saves
  return [
    // Null: somebody closed the last kernel or terminal.
    ...(moved ? [lastActivity === null ? 0 : between(serverNow - lastActivity, sinceMs)] : []),
    ...(saved ? [0] : []),
  ]
}

function between(ageMs: number, atMostMs: number): number {
  return Math.max(0, Math.min(ageMs, atMostMs))
}

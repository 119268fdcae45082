/** Whether the lab is backed up as it should be. Pure. */
import { type DrillHistory, practisedWords } from './drill.ts'

/** What is known of the runs. Times in milliseconds since the epoch; null: never. */
export type BackupHistory = {
  /** The begin of the newest backup that was made. */
  lastDoneAt: number | null
  /** People's folders and the like that it had to leave out. */
  leftOut: number
  /** Old ones could not be removed after it. */
  oldOnesStay: boolean
  /** The end of the newest run, if it failed. */
  failedAt: number | null
  failure: string | null
  /** The newest check of the repository, if it found damage. */
  damage: string | null
  drill: DrillHistory
}

export type BackupStanding = { status: 'healthy' | 'degraded'; code: BackupFindingCode | null; detail: string }

/** What health may find. `backup-damaged` and `drill-failed` are problems of the API too. */
export const backupFindings = [
  'backup-failed',
  'backup-stale',
  'backup-incomplete',
  'old-backups-stay',
  'backup-damaged',
  'drill-failed',
] as const
export type BackupFindingCode = (typeof backupFindings)[number]

const hourMs = 3_600_000

/** The longest time between two backups that is no fault: two that were due, and an hour to make one. */
export function staleAfterMs(intervalMs: number): number {
  return 2 * intervalMs + hourMs
}

/**
 * `everyMs`: the time between two scheduled backups; null without a schedule. `bornAt`: since when there is something to back up.
 */
export function standingOf(
  history: BackupHistory,
  { everyMs, bornAt, now }: { everyMs: number | null; bornAt: number; now: number },
): BackupStanding {
  const { lastDoneAt, leftOut, oldOnesStay, failedAt, failure, damage, drill } = history
  const last = lastDoneAt === null ? 'There is no backup yet.' : `The last backup is of ${isoMinute(lastDoneAt)}.`
  if (damage !== null) return degraded('backup-damaged', `The backups are damaged: ${damage}`)
  if (failedAt !== null) return degraded('backup-failed', `The last try to back up failed: ${failure ?? ''} ${last}`)
  // Anyone may ask for health, and the reason may name people.
  if (drill.failure !== null) return degraded('drill-failed', `The last drill failed. ${last}`)
  const practised = lastDoneAt === null ? last : `${last} ${practisedWords(drill, now)}`
  if (everyMs === null) return { status: 'healthy', code: null, detail: `${practised} No backups are scheduled.` }
  if (now - (lastDoneAt ?? bornAt) > staleAfterMs(everyMs)) {
    return degraded('backup-stale', `${last} Another one was due, and was not made.`)
  }
  if (leftOut > 0) return degraded('backup-incomplete', `${last} It lacks ${leftOut} of the folders.`)
  if (oldOnesStay) return degraded('old-backups-stay', `${last} Old ones could not be removed after it.`)
  return { status: 'healthy', code: null, detail: practised }
}

/** The time between the next two scheduled moments; null without a schedule. */
export function intervalOf(next: (after: number) => number | null, now: number): number | null {
  const first = next(now)
  const second = first === null ? null : next(first)
  return first === null || second === null ? null : second - first
}

/**
 * When the next backup is due: the first scheduled moment after the last one, or after the lab was born. That may be in the past, if
 * the service was not up then.
 */
export function dueAt(
  { lastBegunAt, bornAt }: { lastBegunAt: number | null; bornAt: number },
  next: (after: number) => number | null,
): number | null {
  return next(lastBegunAt ?? bornAt)
}

function degraded(code: BackupFindingCode, detail: string): BackupStanding {
  return { status: 'degraded', code, detail: detail.trim() }
}

function isoMinute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`
}

/** What is known of the drills: restores that were practised beside the living lab. Pure. */
import type { ProblemCode } from '../problem.ts'

/** The folder in `admin/` where a backup is restored for a drill. */
export const drillFolder = 'drill'

/** Times in milliseconds since the epoch; null: never. */
export type DrillHistory = {
  /** The end of the newest drill that went well. */
  practisedAt: number | null
  /** The backup of that drill. */
  backupId: string | null
  /** Why a later drill failed; null if none did. */
  failure: string | null
}

export const noDrill: DrillHistory = { practisedAt: null, backupId: null, failure: null }

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** The longest time without a drill that needs no reminder. */
const remindAfterMs = 180 * dayMs

// They tell of the moment: the disk is too full for a drill; the engine, the repository or its key is away; another process holds it.
const ofTheMoment: readonly ProblemCode[] = [
  'no-room',
  'engine-unavailable',
  'engine-refused',
  'backup-under-way',
  'data-root-not-proven',
  'backups-off',
  'backup-repository-unusable',
]

/** Whether a drill that failed so says something of the backup. */
export function tellsOfBackup(code: ProblemCode): boolean {
  return !ofTheMoment.includes(code)
}

/** For example "A restore was last practised 6 days ago." */
export function practisedWords({ practisedAt }: Pick<DrillHistory, 'practisedAt'>, now: number): string {
  if (practisedAt === null) return 'A restore was never practised.'
  return `A restore was last practised ${agoInWords(now - practisedAt)}.`
}

/** Whether somebody should practise a restore, given that there is a backup. */
export function isDrillDue({ practisedAt }: Pick<DrillHistory, 'practisedAt'>, now: number): boolean {
  return practisedAt === null || now - practisedAt > remindAfterMs
}

function agoInWords(ms: number): string {
  const [days, hours] = [Math.floor(ms / dayMs), Math.floor(ms / hourMs)]
  if (hours < 1) return 'within the last hour'
  if (days < 1) return hours === 1 ? 'an hour ago' : `${hours} hours ago`
  return days === 1 ? 'a day ago' : `${days} days ago`
}

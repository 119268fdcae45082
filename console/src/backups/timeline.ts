import type { Backup, Job } from '../api/bodies.ts'
import { isUnderWay } from '../jobs/job-words.ts'

export type EntryKind = 'backup' | 'check' | 'drill'
/** `in-parts`: what a backup that was cut short has left. `no-figures`: whole, but nobody knows any more whether folders were left out. */
export type EntryState = 'good' | 'no-figures' | 'incomplete' | 'in-parts' | 'running' | 'failed' | 'cancelled'

/** What happened to the backups at one time. Null: not known, for what is older than the jobs that the service keeps. */
export type TimelineEntry = {
  id: string
  kind: EntryKind
  state: EntryState
  at: string
  /** Null if there is nothing to look into. */
  backupId: string | null
  folders: readonly string[]
  files: number | null
  bytes: number | null
  addedBytes: number | null
  tookMs: number | null
  by: string | null
  failure: { code: string; detail: string } | null
  leftOut: readonly { folder: string; reason: string }[]
  unread: number
  job: Job | null
}

const kinds: Record<string, EntryKind> = { backup: 'backup', 'backup-check': 'check', drill: 'drill' }

/** The backups that there are, and the tries, checks and drills of the last time; the newest first. Pure. */
export function timelineOf(backups: readonly Backup[], jobs: readonly Job[]): TimelineEntry[] {
  const ofBackup = new Map<string, Job>()
  for (const job of jobs.toReversed()) if (job.kind === 'backup') ofBackup.set(idIn(job), job)
  const made = backups.map((backup) => entryOf(backup, ofBackup.get(backup.id) ?? null))
  const known = new Set(backups.map(({ id }) => id))
  const others = jobs.flatMap((job) => {
    const kind = kinds[job.kind]
    // A backup that was made and is not there any more was old: nobody misses it.
    if (!kind || (kind === 'backup' && (known.has(idIn(job)) || job.status === 'done'))) return []
    return [entryOfJob(kind, job)]
  })
  return [...made, ...others].sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
}

/** The recent jobs of all kinds, with those of one kind that are older. Pure. */
export function withOlder(recent: readonly Job[], ofKind: readonly Job[]): Job[] {
  const known = new Set(recent.map(({ id }) => id))
  return [...recent, ...ofKind.filter(({ id }) => !known.has(id))]
}

function idIn({ input }: Job): string {
  return String(input.backup_id ?? '')
}

function entryOf(backup: Backup, job: Job | null): TimelineEntry {
  const facts = factsOf(job)
  return {
    ...facts,
    id: backup.id,
    kind: 'backup',
    state: stateOf(backup, job),
    at: backup.made,
    backupId: backup.id,
    folders: backup.folders,
  }
}

function entryOfJob(kind: EntryKind, job: Job): TimelineEntry {
  const state = isUnderWay(job) ? 'running' : job.status === 'done' ? 'good' : (job.status as 'failed' | 'cancelled')
  return { ...factsOf(job), id: job.id, kind, state, at: job.started ?? job.created, backupId: null, folders: [] }
}

function stateOf({ status }: Backup, job: Job | null): EntryState {
  if (job && isUnderWay(job)) return 'running'
  if (status === 'whole' && job === null) return 'no-figures'
  if (status === 'whole') return leftOutOf(job).length > 0 ? 'incomplete' : 'good'
  return job?.status === 'failed' || job?.status === 'cancelled' ? job.status : 'in-parts'
}

function factsOf(job: Job | null): Omit<TimelineEntry, 'id' | 'kind' | 'state' | 'at' | 'backupId' | 'folders'> {
  const number = (name: string) => (typeof job?.result?.[name] === 'number' ? (job.result[name] as number) : null)
  return {
    files: number('files'),
    bytes: number('bytes'),
    addedBytes: number('added_bytes'),
    tookMs: job?.ended && job.started ? Date.parse(job.ended) - Date.parse(job.started) : null,
    by: job?.user_id ?? null,
    failure: job?.failure ?? null,
    leftOut: leftOutOf(job),
    unread: number('unread_files') ?? 0,
    job,
  }
}

function leftOutOf(job: Job | null): { folder: string; reason: string }[] {
  const list = job?.kind === 'backup' ? job.result?.left_out : null
  if (!Array.isArray(list)) return []
  return list.map((each) => ({ folder: String(each?.folder ?? ''), reason: String(each?.reason ?? '') }))
}

export type Day = { day: string; entries: TimelineEntry[] }

/** The entries by day, in the order that they have. `dayOf` gives the reader's own day of a time. Pure. */
export function byDay(entries: readonly TimelineEntry[], dayOf: (iso: string) => string): Day[] {
  const days = Map.groupBy(entries, ({ at }) => dayOf(at))
  return Array.from(days, ([day, group]) => ({ day, entries: group }))
}

/** A mark of the strip; `x` and `height` from 0 to 1. */
export type Mark = { id: string; x: number; height: number; kind: EntryKind; state: EntryState }
export type Strip = { marks: Mark[]; nextX: number | null; ticks: { x: number; ageMs: number }[]; nowX: number }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const tickAges = [
  10 * minuteMs,
  hourMs,
  6 * hourMs,
  dayMs,
  2 * dayMs,
  7 * dayMs,
  14 * dayMs,
  30 * dayMs,
  91 * dayMs,
  183 * dayMs,
  365 * dayMs,
]
const closestTicks = 0.11
/** So that a first backup of a moment ago does not stand at the left end. */
const leastSpanMs = 10 * minuteMs
const leastHeight = 0.18
/** The part of the strip right of now, for what is planned. */
const futurePart = 0.08

/**
 * The entries along time, the newest at the right. Recent days have more room, since more backups are kept of them: the distance from now grows with the root of the age. The
 * height of a backup tells how much it added. Pure.
 */
export function stripOf(entries: readonly TimelineEntry[], next: string | null, now: number): Strip {
  const ages = entries.map(({ at }) => Math.max(0, now - Date.parse(at)))
  const oldest = Math.max(leastSpanMs, ...ages) * 1.04
  const nowX = next === null ? 1 : 1 - futurePart
  const xOf = (age: number) => nowX * (1 - Math.sqrt(Math.min(1, age / oldest)))
  const most = Math.max(1, ...entries.map(({ addedBytes }) => addedBytes ?? 0))
  const marks = entries.map(({ id, kind, state, addedBytes }, at) => ({
    id,
    kind,
    state,
    x: xOf(ages[at] as number),
    height: kind === 'backup' ? leastHeight + (1 - leastHeight) * Math.sqrt((addedBytes ?? 0) / most) : leastHeight,
  }))
  return { marks, nextX: next === null ? null : 1, ticks: ticksOf(oldest, xOf), nowX }
}

/** Round ages, as many as have room; the oldest first. */
function ticksOf(oldest: number, xOf: (age: number) => number): Strip['ticks'] {
  const ticks: Strip['ticks'] = []
  for (const ageMs of tickAges) {
    if (ageMs > oldest) break
    const x = xOf(ageMs)
    const before = ticks.at(-1)?.x ?? xOf(0)
    if (before - x >= closestTicks) ticks.push({ x, ageMs })
  }
  return ticks.reverse()
}

/**
 * What is told of an environment on its way: from two pictures of it, the events that lie between them.
 *
 * INVARIANTS
 * - Pure: the instant of the second picture comes in as a number.
 * - The same picture again makes no event: whoever looks may tell of what it sees, however often.
 */

import type { ProblemCode } from '../problem.ts'
import type { Activity, Environment, Status } from './environment.ts'
import type { PullState } from './pull.ts'
import { type Note, type Runtime, statusOf, statusWords } from './status.ts'

/** Times in milliseconds; `at` since the epoch. `words` are for everybody and for administrators. */
export type ProgressEvent =
  | { kind: 'status'; status: Status; words: Note | null }
  | { kind: 'phase'; phase: Activity }
  | { kind: 'queued'; place: number }
  | { kind: 'pulling'; pull: PullState }
  | { kind: 'ready'; tookMs: number; phases: PhaseTimes }
  | { kind: 'failed'; code: ProblemCode | null; words: Note }
  | Warning

/** Something that will be done to the environment unless somebody uses it: at that instant, or a little later. */
export type Warning = { kind: 'warning'; action: 'pause' | 'stop'; at: number; reason: string }

/** How long each thing that was done took, in milliseconds. */
export type PhaseTimes = Partial<Record<Activity, number>>

/** An environment at one moment, as far as it is told of. */
export type Picture = {
  status: Status
  /** Nothing more is going to happen by itself. */
  settled: boolean
  activity: Activity | null
  place: number | null
  pull: PullState | null
  words: Note | null
  code: ProblemCode | null
}

/** The way from one settled state to the next; `times` are of what is over, `since` of what goes on. */
export type Run = { picture: Picture; startedAt: number; since: number; times: PhaseTimes }

export function pictureOf(environment: Environment, runtime: Runtime): Picture {
  const { seen, activity, queuePlace, pull } = runtime
  const status = statusOf(environment, seen, activity)
  const place = activity === 'queued' && queuePlace !== null ? queuePlace + 1 : null
  return {
    status,
    settled: activity === null && isSettled(environment, status),
    activity,
    place,
    pull: activity === 'pulling' ? pull : null,
    words: activity ? null : statusWords(environment, runtime),
    code: environment.failure?.code ?? null,
  }
}

/** Whether the status is the one that is desired, or one that nothing changes by itself. */
function isSettled({ desired }: Pick<Environment, 'desired'>, status: Status): boolean {
  switch (status) {
    case 'running':
      return desired === 'running'
    case 'paused':
      return desired === 'paused'
    case 'exited':
      return desired === 'stopped'
    default:
      return status === 'failed'
  }
}

/** Whether two looks saw the same: then neither is older. */
export function samePicture(one: Picture, other: Picture): boolean {
  return (Object.keys(one) as (keyof Picture)[]).every((key) =>
    key === 'words' ? sameWords(one.words, other.words) : one[key] === other[key],
  )
}

/** From what was told at last to what is seen now. `begins`: a new run, whose first event is among these. */
export function advance(
  before: Run | null,
  picture: Picture,
  now: number,
): { run: Run; begins: boolean; events: ProgressEvent[] } {
  // One that failed and did not get ready is stopped yet: that belongs to the run that failed.
  const isSameFailure = picture.code !== null && picture.code === before?.picture.code
  const begins = !picture.settled && (before === null || (before.picture.settled && !isSameFailure))
  if (before === null && picture.settled) return { run: beginning(picture, now), begins, events: [] }
  const run = before === null || begins ? beginning(picture, now) : goingOn(before, picture, now)
  return { run, begins, events: between(before?.picture ?? null, run, now) }
}

function beginning(picture: Picture, now: number): Run {
  return { picture, startedAt: now, since: now, times: {} }
}

function goingOn({ picture: before, startedAt, since, times }: Run, picture: Picture, now: number): Run {
  const { activity } = before
  if (activity === picture.activity) return { picture, startedAt, since, times }
  if (activity === null) return { picture, startedAt, since: now, times }
  return { picture, startedAt, since: now, times: { ...times, [activity]: (times[activity] ?? 0) + now - since } }
}

function between(before: Picture | null, { picture, startedAt, times }: Run, now: number): ProgressEvent[] {
  const { status, settled, activity, place, pull, words, code } = picture
  const events: ProgressEvent[] = []
  const isNews = status !== before?.status || !sameWords(words, before.words)
  if (isNews) events.push({ kind: 'status', status, words })
  if (activity && activity !== before?.activity) events.push({ kind: 'phase', phase: activity })
  if (place !== null && place !== before?.place) events.push({ kind: 'queued', place })
  if (pull && pull !== before?.pull) events.push({ kind: 'pulling', pull })
  // A run without a phase is an engine that was away: nothing was made ready.
  const isReady = settled && status === 'running' && !before?.settled && Object.keys(times).length > 0
  if (isReady) events.push({ kind: 'ready', tookMs: now - startedAt, phases: times })
  const isKnownFailure = code !== null && code === before?.code
  if (status === 'failed' && isNews && words && !isKnownFailure) events.push({ kind: 'failed', code, words })
  return events
}

function sameWords(some: Note | null, others: Note | null): boolean {
  return some?.detail === others?.detail && some?.adminDetail === others?.adminDetail
}

/** Whether an event says all that the one just before it said, and newer: then that one need not be kept. */
export function supersedes(event: ProgressEvent, earlier: ProgressEvent): boolean {
  return event.kind === earlier.kind && (event.kind === 'queued' || event.kind === 'pulling')
}

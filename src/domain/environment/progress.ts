/**
 * Finds the events that lie between two pictures of an environment, so that people can follow its way.
 *
 * INVARIANTS
 * - Pure: the instant of the second picture comes in as a number.
 * - The same picture again makes no event: every observer may report each picture that it sees.
 */

import type { Cause } from '../idle/idle.ts'
import type { ProblemCode } from '../problem.ts'
import type { Activity, Outline, Status } from './environment.ts'
import type { MemoryKill } from './out-of-memory.ts'
import type { PullState } from './pull.ts'
import { type Note, type Runtime, statusOf, statusWords } from './status.ts'
import { type Transition, transitionOf } from './transition.ts'

/** Times in milliseconds; `at` since the epoch. `words` are for everybody and for administrators. */
export type ProgressEvent =
  | { kind: 'status'; status: Status; words: Note | null; transition: Transition | null }
  | { kind: 'phase'; phase: Activity }
  | { kind: 'queued'; place: number }
  | { kind: 'pulling'; pull: PullState }
  | { kind: 'ready'; tookMs: number; phases: PhaseTimes }
  | { kind: 'failed'; code: ProblemCode | null; words: Note }
  | Warning
  | ({ kind: 'out-of-memory' } & MemoryKill)

/** An announced act of the platform. It happens at that instant or a little later, unless activity cancels it. Activity does not cancel `max-runtime`. */
export type Warning = {
  kind: 'warning'
  cause: Cause
  action: 'pause' | 'stop'
  at: number
  givenAt: number
  reason: string
}

/** How long each activity took, in milliseconds. */
export type PhaseTimes = Partial<Record<Activity, number>>

/** An environment at one moment, as far as people are told. */
export type Picture = {
  status: Status
  transition: Transition | null
  /** Whether nothing more will happen by itself. */
  settled: boolean
  activity: Activity | null
  place: number | null
  pull: PullState | null
  words: Note | null
  code: ProblemCode | null
}

/**
 * The way from one settled state to the next. `times` has the finished activities, `since` the start of the present
 * one.
 */
export type Run = { picture: Picture; startedAt: number; since: number; times: PhaseTimes }

export function pictureOf(environment: Outline, runtime: Runtime): Picture {
  const { seen, activity, queuePlace, pull } = runtime
  const status = statusOf(environment, seen, activity)
  const transition = transitionOf(environment, runtime)
  const place = activity === 'queued' && queuePlace !== null ? queuePlace + 1 : null
  return {
    status,
    transition,
    settled: transition === null,
    activity,
    place,
    pull: activity === 'pulling' ? pull : null,
    words: activity ? null : statusWords(environment, runtime),
    code: environment.failure?.code ?? null,
  }
}

/** Whether two looks saw the same. If so, neither counts as older. */
export function samePicture(one: Picture, other: Picture): boolean {
  return (Object.keys(one) as (keyof Picture)[]).every((key) => {
    if (key === 'words') return sameWords(one.words, other.words)
    return key === 'transition' ? sameEnd(one, other) : one[key] === other[key]
  })
}

/** Whether two pictures wait for the same: a restart that has become a start, for example, still waits for `running`. */
function sameEnd(one: Pick<Picture, 'transition'>, other: Pick<Picture, 'transition'> | null): boolean {
  return one.transition?.until.join() === other?.transition?.until.join()
}

/**
 * Leads from the last reported picture to the present one. `begins`: a new run begins, and the events are its first.
 */
export function advance(
  before: Run | null,
  picture: Picture,
  now: number,
): { run: Run; begins: boolean; events: ProgressEvent[] } {
  // An environment that did not get ready in time is stopped after it failed: that stop belongs to the run that failed.
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
  const { status, transition, settled, activity, place, pull, words, code } = picture
  const events: ProgressEvent[] = []
  const isNews = status !== before?.status || !sameWords(words, before.words)
  if (isNews || !sameEnd(picture, before)) events.push({ kind: 'status', status, words, transition })
  if (activity && activity !== before?.activity) events.push({ kind: 'phase', phase: activity })
  if (place !== null && place !== before?.place) events.push({ kind: 'queued', place })
  if (pull && pull !== before?.pull) events.push({ kind: 'pulling', pull })
  // If a run has no phase, only the engine was away: nothing was made ready.
  const isReady = settled && status === 'running' && !before?.settled && Object.keys(times).length > 0
  if (isReady) events.push({ kind: 'ready', tookMs: now - startedAt, phases: times })
  const isKnownFailure = code !== null && code === before?.code
  if (status === 'failed' && isNews && words && !isKnownFailure) events.push({ kind: 'failed', code, words })
  return events
}

function sameWords(some: Note | null, others: Note | null): boolean {
  return some?.detail === others?.detail && some?.adminDetail === others?.adminDetail
}

/** Whether an event makes the one just before it needless: it says the same thing, and newer. */
export function supersedes(event: ProgressEvent, earlier: ProgressEvent): boolean {
  return event.kind === earlier.kind && (event.kind === 'queued' || event.kind === 'pulling')
}

import {
  advance,
  type Picture,
  type ProgressEvent,
  type Run,
  samePicture,
  supersedes,
} from '../domain/environment/progress.ts'
import { Bell } from '../lib/bell.ts'
import type { Clock } from '../ports/clock.ts'

/** Numbers grow with each event of any environment. */
export type Noted = { number: number; event: ProgressEvent }

/**
 * The newest events of each environment, in memory: those of its present run, or of its last one for a while.
 *
 * INVARIANTS
 * - The log keeps nothing of an environment that has been settled for `keptMs`, or was settled at the first look.
 * - The events of one environment are bounded: a place in the queue, or the state of a pull, replaces the one before.
 */
export type ProgressLog = {
  /** Reports how an environment is now. The same picture again is no event. */
  note(id: string, picture: Picture): void
  /** Changes with each new picture: a look that began at an earlier version may have an old picture. */
  version(id: string): number
  /** Adds an event that does not follow from a picture, and tells the followers. */
  notify(id: string, event: Extract<ProgressEvent, { kind: 'warning' | 'out-of-memory' }>): void
  /** The environment is gone. */
  forget(id: string): void
  /** Something changed that is not noted here: the followers look again. */
  stir(id: string): void
  /** Places in the queue may have changed: the followers look again. */
  moved(): void
  /** The events after that number; with null, all of the present run. */
  since(id: string, number: number | null): Noted[]
  /** The number of the newest event of any environment. */
  newest(): number
  /** Whether all events after that number are known: nothing of the environment was forgotten since. */
  knows(id: string, number: number): boolean
  /** Resolves when there may be news of an environment, or the signal aborts. */
  next(id: string, options: { signal: AbortSignal }): Promise<void>
}

type Kept = { run: Run | null; events: Noted[]; runFrom: number; version: number; touchedAt: number }

const keptMs = 600_000
const eventsAtMost = 200

export function createProgressLog(clock: Pick<Clock, 'steady'>): ProgressLog {
  const kept = new Map<string, Kept>()
  const bell = new Bell()
  let newest = 0
  let notes = 0
  let forgottenThrough = 0

  function add(to: Kept, event: ProgressEvent): void {
    newest += 1
    const last = to.events.at(-1)
    if (last && supersedes(event, last.event)) to.events.pop()
    to.events.push({ number: newest, event })
    if (to.events.length > eventsAtMost) to.events.shift()
    to.touchedAt = clock.steady()
  }

  function drop(id: string, { events }: Kept): void {
    kept.delete(id)
    forgottenThrough = Math.max(forgottenThrough, events.at(-1)?.number ?? 0)
  }

  function dropIfOld(id: string, of: Kept): void {
    if (of.run?.picture.settled && clock.steady() - of.touchedAt > keptMs) drop(id, of)
  }

  function fresh(): Kept {
    return { run: null, events: [], runFrom: 0, version: 0, touchedAt: clock.steady() }
  }

  function note(id: string, picture: Picture): void {
    const known = kept.get(id)
    if (!known && picture.settled) return
    const to = known ?? fresh()
    const before = to.run?.picture
    // The same picture has no events, rings no bell, and keeps its version: all followers report what they see, and would
    // make each other look again.
    if (before && samePicture(before, picture)) {
      dropIfOld(id, to)
      return
    }
    const { run, begins, events } = advance(to.run, picture, clock.steady())
    to.run = run
    notes += 1
    to.version = notes
    if (begins) to.runFrom = newest + 1
    for (const event of events) add(to, event)
    // Followers of the earlier run have read its end by now, or begin with this run.
    if (picture.settled) to.events = to.events.filter(({ number }) => number >= to.runFrom)
    kept.set(id, to)
    dropIfOld(id, to)
    if (events.length > 0 || before?.settled !== picture.settled) bell.ring(id)
  }

  return {
    note,
    version: (id) => kept.get(id)?.version ?? 0,
    notify(id, event) {
      const to = kept.get(id) ?? fresh()
      add(to, event)
      kept.set(id, to)
      bell.ring(id)
    },
    forget(id) {
      const known = kept.get(id)
      if (known) drop(id, known)
      bell.ring(id)
    },
    stir: (id) => bell.ring(id),
    moved() {
      const isQueued = (id: string) => kept.get(id)?.run?.picture.activity === 'queued'
      for (const id of bell.awaited.filter(isQueued)) bell.ring(id)
    },
    since(id, number) {
      const { events, runFrom } = kept.get(id) ?? fresh()
      return events.filter((each) => (number === null ? each.number >= runFrom : each.number > number))
    },
    newest: () => newest,
    knows: (id, number) => number <= newest && (kept.has(id) || number >= forgottenThrough),
    next: (id, options) => bell.next(id, options),
  }
}

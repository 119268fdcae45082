/**
 * Decides whether to pause or stop an environment that nobody uses, or that has reached its longest run.
 *
 * INVARIANTS
 * - Pure. All times are of a steady clock, so a change of the time of day has no effect.
 * - No act on a guess: while the service does not know whether an environment is busy, it does not call it idle.
 * - Only the longest run ends a busy environment.
 * - No act without a warning at least `leadMs` before it.
 */

/** Why the platform acts. Each cause has its own limit. */
export type Cause = 'idle-pause' | 'idle-stop' | 'max-runtime'

/** Milliseconds; null: never. */
export type IdleLimits = Readonly<Record<Cause, number | null>>

/** An act of the platform, recorded so that people are told why. `at`: milliseconds since the epoch. */
export type IdleAction = { cause: Cause; afterMs: number; at: number }

export const actionOf = {
  'max-runtime': 'stop',
  'idle-stop': 'stop',
  'idle-pause': 'pause',
} as const satisfies Record<Cause, 'pause' | 'stop'>

// If several are due, do the first: a stopped environment need not be paused.
const causes = Object.keys(actionOf) as Cause[]

/** When each warning was given. */
export type Warned = Readonly<Partial<Record<Cause, number>>>

export type IdleView = {
  now: number
  state: 'running' | 'paused'
  /** Only meaningful for a running environment: a paused one does nothing. */
  use: 'busy' | 'idle' | 'unknown'
  /** When the environment was active last. */
  activeAt: number
  /** When its container was started; null if that is not known. */
  startedAt: number | null
  warned: Warned
}

export type Verdict = {
  act: Cause | null
  /** Warnings to give now. The act follows at `dueAt`, or later. */
  warnings: { cause: Cause; dueAt: number }[]
  /** All warnings that still hold, old and new. */
  warned: Warned
}

const longestLeadMs = 5 * 60_000

/** How long before an act the service warns. */
export function leadMs(limitMs: number): number {
  return Math.min(longestLeadMs, limitMs / 5)
}

export function decideIdle(view: IdleView, limits: IdleLimits): Verdict {
  const judged = causes.map((cause) => ({ cause, ...verdictOn(cause, limits[cause], view) }))
  return {
    act: judged.find(({ acts }) => acts)?.cause ?? null,
    warnings: judged.flatMap(({ cause, dueAt }) => (dueAt === null ? [] : [{ cause, dueAt }])),
    warned: Object.fromEntries(judged.flatMap(({ cause, warnedAt }) => (warnedAt === null ? [] : [[cause, warnedAt]]))),
  }
}

/** `dueAt` is null unless a warning is to be given now. */
type Judgment = { acts: boolean; dueAt: number | null; warnedAt: number | null }

function verdictOn(cause: Cause, limitMs: number | null, view: IdleView): Judgment {
  const since = cause === 'max-runtime' ? view.startedAt : view.activeAt
  const { now } = view
  const warnedAt = view.warned[cause] ?? null
  if (limitMs === null || since === null || !applies(cause, view)) return none
  const dueAt = since + limitMs
  const lead = leadMs(limitMs)
  if (now < dueAt - lead) return none
  if (cause !== 'max-runtime' && view.state === 'running' && view.use === 'unknown') return { ...none, warnedAt }
  if (warnedAt === null) return { acts: false, dueAt: Math.max(dueAt, now + lead), warnedAt: now }
  return { acts: now >= Math.max(dueAt, warnedAt + lead), dueAt: null, warnedAt }
}

const none: Judgment = { acts: false, dueAt: null, warnedAt: null }

function applies(cause: Cause, { state, use }: IdleView): boolean {
  switch (cause) {
    case 'max-runtime':
      return true
    case 'idle-stop':
      return state === 'paused' || use !== 'busy'
    case 'idle-pause':
      return state === 'running' && use !== 'busy'
  }
}

import type { ProblemCode } from '../domain/problem.ts'

/** `aborted`: something else was wanted meanwhile, so the phase says nothing of speed or success. */
export type Outcome = 'done' | 'failed' | 'aborted'

/**
 * The phases of an environment. `queue` is the wait for a turn to start, `image` the look for the image with its pull,
 * `ready` the wait until its server answers. `total` is all of them, from the first to the answer.
 */
export type Phase = 'queue' | 'image' | 'create' | 'start' | 'ready' | 'total' | 'pause' | 'resume' | 'stop' | 'remove'

/**
 * Begins to measure a phase; the function that it gives ends the measure. Durations are by a clock that nobody sets.
 */
export type MeasurePhase = (phase: Phase) => EndPhase
export type EndPhase = (outcome: Outcome) => void

/** The door's report of the requests that it answered. */
export type RequestMeasures = {
  /** `route` is the pattern of the path, never the path itself; null if there is no such route. */
  answered(request: { method: string; route: string | null; status: number; tookMs: number }): void
  /** The answer was this problem. */
  refused(code: ProblemCode): void
}

/** All figures as text for Prometheus, as they are at this moment. */
export type Exposition = { contentType: string; text(): Promise<string> }

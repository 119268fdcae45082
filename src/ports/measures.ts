import type { ProblemCode } from '../domain/problem.ts'

/** `aborted`: something else was wanted meanwhile, so that it says nothing of how fast or how well. */
export type Outcome = 'done' | 'failed' | 'aborted'

/**
 * What an environment goes through. `queue` is the wait for a turn to start, `image` the look for the image with its
 * pull, `ready` the wait until its server answers. `total` is all of them, from the first to the answer.
 */
export type Phase = 'queue' | 'image' | 'create' | 'start' | 'ready' | 'total' | 'pause' | 'resume' | 'stop' | 'remove'

/** Begins to measure a phase; what it gives ends that. Durations come from a clock that nobody sets. */
export type MeasurePhase = (phase: Phase) => EndPhase
export type EndPhase = (outcome: Outcome) => void

/** What the door tells of the requests that it answered. */
export type RequestMeasures = {
  /** `route` is the pattern of the path, never the path itself; null where there is no such route. */
  answered(request: { method: string; route: string | null; status: number; tookMs: number }): void
  /** It was answered with that problem. */
  refused(code: ProblemCode): void
}

/** All figures as text for Prometheus, as they are at this moment. */
export type Exposition = { contentType: string; text(): Promise<string> }

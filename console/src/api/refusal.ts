import type { ProblemBody } from './bodies.ts'

/** A problem that the service answered instead of doing what was asked (RFC 9457). */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  /** As in docs/problems.md. */
  readonly code: string
  readonly problem: Partial<ProblemBody>
  /** How long the service asks to wait before the next try. */
  readonly waitMs: number

  constructor(status: number, problem: Partial<ProblemBody>, retryAfter: string | null = null) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`)
    this.status = status
    this.code = problem.type?.split('/').at(-1) ?? ''
    this.problem = problem
    this.waitMs = waitOf(retryAfter)
  }
}

const waitAtMostMs = 5 * 60_000

/** `Retry-After` in seconds; a date is not read. */
function waitOf(retryAfter: string | null): number {
  return retryAfter !== null && /^\d+$/.test(retryAfter) ? Math.min(Number(retryAfter) * 1_000, waitAtMostMs) : 0
}

/** The service, or a proxy before it, cannot be reached. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

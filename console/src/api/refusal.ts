import type { ProblemBody } from './bodies.ts'

/** The service's answer that it does not do what was asked, RFC 9457. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  /** As in docs/problems.md. */
  readonly code: string
  readonly problem: Partial<ProblemBody>

  constructor(status: number, problem: Partial<ProblemBody>) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`)
    this.status = status
    this.code = problem.type?.split('/').at(-1) ?? ''
    this.problem = problem
  }
}

/** The service, or a proxy before it, cannot be reached. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

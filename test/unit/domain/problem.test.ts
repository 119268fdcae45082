import { expect, test } from 'vitest'
import { Problem, type ProblemCode, problems } from '../../../src/domain/problem.ts'

test('every 429 and 503 says when to ask again', () => {
  for (const [code, { status }] of Object.entries(problems)) {
    const { retryAfterSeconds } = new Problem(code as ProblemCode, 'no')
    expect([code, retryAfterSeconds !== null]).toEqual([code, status === 429 || status === 503])
  }
})

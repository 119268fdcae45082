import { type Problem, problems } from '../domain/problem.ts'
import { type About, problemBodyOf } from './problem-body.ts'

/** A whole answer, for a socket that has no response of Node's. The connection ends with it. */
export function problemText(problem: Problem, about: About): string {
  const { status, title } = problems[problem.code]
  const body = JSON.stringify(problemBodyOf(problem, { ...about, detail: problem.detail }))
  return [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${about.requestId}`,
    ...(problem.retryAfterSeconds === null ? [] : [`retry-after: ${problem.retryAfterSeconds}`]),
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

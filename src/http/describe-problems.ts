import { type ProblemCode, problems } from '../domain/problem.ts'
import { problemBody } from './schemas/common.ts'

/** The parts of an operation by which its problems are known. */
export type Call = { method: string; isOpen: boolean; isHealth: boolean; problems: readonly ProblemCode[] }

const ofAll: ProblemCode[] = [
  'malformed-request',
  'invalid-request',
  'request-timeout',
  'headers-too-large',
  'internal-error',
]
const ofSignedIn: ProblemCode[] = [
  'unauthenticated',
  'sign-in-failed',
  'forbidden',
  'of-another-origin',
  'another-person',
  'too-many-wrong-tokens',
]
const ofBodies: ProblemCode[] = ['body-too-large', 'unsupported-media-type', 'no-room']

/** All codes that a call can answer with, by their status. */
export function problemsByStatus({ method, isOpen, isHealth, problems: own }: Call): Map<number, ProblemCode[]> {
  const codes = new Set([
    ...ofAll,
    ...(isOpen ? [] : ofSignedIn),
    ...(isHealth ? [] : (['database-busy', 'data-root-not-proven'] as const)),
    ...(method === 'get' || method === 'head' ? [] : ofBodies),
    ...own,
  ])
  const known = Object.keys(problems) as ProblemCode[]
  return Map.groupBy(
    known.filter((code) => codes.has(code)),
    (code) => problems[code].status,
  )
}

const problem = { $ref: `#/components/schemas/${problemBody.meta()?.id}` }
const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }

/** The answer with one of these problems, and its name among the components. `base` is the path below which the service is. */
export function problemResponse(
  status: number,
  codes: readonly ProblemCode[],
  base: string,
): { name: string; response: object } {
  const types = codes.map((code) => `${base}/problems/${code}`)
  const example = codes[0] && exampleOf(codes[0], base)
  return {
    name: codes.map(inPascalCase).join('Or'),
    response: {
      description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
      ...((status === 429 || status === 503) && { headers: retryAfter }),
      content: {
        'application/problem+json': {
          schema: { allOf: [problem, { type: 'object', properties: { type: { type: 'string', enum: types } } }] },
          example,
        },
      },
    },
  }
}

/** For the answers that no operation lists, such as 405. */
export const anyProblem = {
  description: 'Another problem: `type` names it',
  content: { 'application/problem+json': { schema: problem } },
}

function exampleOf(code: ProblemCode, base: string): object {
  const { status, title } = problems[code]
  return {
    type: `${base}/problems/${code}`,
    title,
    status,
    detail: `${title}.`,
    instance: `${base}/api/…`,
    request_id: '1baf3575-8f4f-4c83-9a3e-0c1f0a3ad9a5',
    error: `${title}.`,
  }
}

function inPascalCase(code: string): string {
  return code.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

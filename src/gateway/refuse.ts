import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem, type ProblemCode, problems } from '../domain/problem.ts'
import { contentSecurityPolicy, html, openerPolicy, pageOf } from '../wire/html-page.ts'
import { problemBodyOf } from '../wire/problem-body.ts'
import { problemText } from '../wire/problem-text.ts'
import { requestIdOf } from '../wire/request-id.ts'
import { isVisit } from './is-visit.ts'
import { Redirect } from './redirect.ts'

export type Log = {
  info(line: object, words: string): void
  error(line: object, words: string): void
}

const ofPages = [
  ['content-type', 'text/html; charset=utf-8'],
  ['content-security-policy', contentSecurityPolicy],
  ...Object.entries(openerPolicy),
  ['referrer-policy', 'no-referrer'],
]

export type RefuseUses = { logger: Log; onProblem: (code: ProblemCode) => void }

/** Answers a request that does not go on, in RFC 9457. */
export function refuse(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  error: unknown,
  uses: RefuseUses,
): void {
  if (response.closed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (error instanceof Redirect) {
    redirect(response, error)
    return
  }
  const { problem, about } = told(request, error, uses)
  const isForPerson = isVisit(request)
  const body = isForPerson
    ? problemPage(problem)
    : JSON.stringify(problemBodyOf(problem, { ...about, detail: problem.detail }))
  const { status, title } = problems[problem.code]
  response.writeHead(
    status,
    title,
    [
      ...(isForPerson ? ofPages : [['content-type', 'application/problem+json']]),
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['x-request-id', about.requestId],
      ...(problem.retryAfterSeconds === null
        ? []
        : [[isForPerson ? 'refresh' : 'retry-after', String(problem.retryAfterSeconds)]]),
      ...(problem.code === 'unauthenticated' ? [['www-authenticate', 'Bearer realm="ai-lab"']] : []),
      // The rest of a body that nobody reads must not be taken for the next request.
      ...(request.complete ? [] : [['connection', 'close']]),
    ].flat(),
  )
  response.end(body)
}

function redirect(response: ServerResponse, { location, cookie }: Redirect): void {
  const ofCookie = cookie === null ? {} : { 'set-cookie': cookie }
  response
    .writeHead(303, { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...ofCookie })
    .end()
}

/** The same for an upgrade, which has a socket only. */
export function refuseUpgrade(
  { request, socket }: { request: IncomingMessage; socket: Duplex },
  error: unknown,
  uses: RefuseUses,
): void {
  if (socket.destroyed) return
  const { problem, about } = told(request, error, uses)
  socket.end(problemText(problem, about), () => socket.destroy())
}

function told(request: IncomingMessage, error: unknown, { logger, onProblem }: RefuseUses) {
  const problem =
    error instanceof Problem
      ? error
      : new Problem('internal-error', 'It was written to the log of the service.', { cause: error })
  const [instance = ''] = (request.url ?? '').split('?', 1)
  const about = { instance, requestId: requestIdOf(request.headers) }
  onProblem(problem.code)
  if (problem.code === 'internal-error') {
    logger.error({ reqId: about.requestId, err: error }, 'the gateway failed unexpectedly')
  }
  return { problem, about }
}

/** The same in words for a person. While the environment starts, the page asks again by itself. */
function problemPage({ code, detail, retryAfterSeconds }: Problem): string {
  const { title } = problems[code]
  const again = html`<p>This page looks again by itself.</p>`
  return pageOf(title, html`<h1>${title}</h1>\n<p>${detail}</p>\n${retryAfterSeconds === null ? null : again}`)
}

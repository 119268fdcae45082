import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, type ProblemCode, problems } from '../domain/problem.ts'
import { problemBodyOf } from '../wire/problem-body.ts'
import { maySeeHostPaths } from './authenticate.ts'
import { pathOf } from './unknown-paths.ts'

// Fastify's own errors that a client causes, by Fastify's code.
const byFastifyCode: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
}

// nginx logs this number for a client that has gone.
const clientGone = 499

type SendProblem = (error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/**
 * The one translator of errors into answers: RFC 9457 `application/problem+json`. Unknown errors are logged here. `base` is the
 * path below which people see the service.
 */
export function createSendProblem(onProblem: (code: ProblemCode) => void, base: string): SendProblem {
  return (error, request, reply) => {
    // The client is gone, so the service broke off its work for it: this is no fault, and there is no one to answer.
    if (reply.raw.closed && error.name === 'AbortError') return reply.code(clientGone).send()
    const problem = toProblem(error)
    onProblem(problem.code)
    return send(problem, base, request, reply)
  }
}

function send(problem: Problem, base: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.code === 'internal-error')
    request.log.error({ err: problem.cause ?? problem }, 'a request failed unexpectedly')
  const { status } = problems[problem.code]
  const detail = maySeeHostPaths(request) ? problem.adminDetail : problem.detail
  if (problem.retryAfterSeconds !== null) reply.header('retry-after', problem.retryAfterSeconds)
  // Basic works too, but we do not offer it: a browser would show its password dialog over the page of a frontend.
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="ai-lab"')
  const body = problemBodyOf(problem, { detail, instance: pathOf(request), requestId: request.id, base })
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body)
}

function toProblem(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error
  const known = byFastifyCode[error.code]
  if (known) return new Problem(known, error.message, { cause: error })
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new Problem('malformed-request', error.message, { cause: error })
  }
  return new Problem('internal-error', 'It was written to the log of the service.', { cause: error })
}

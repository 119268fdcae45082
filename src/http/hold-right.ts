import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Rights } from '../accounts/rights.ts'
import { Problem } from '../domain/problem.ts'
import { callerOf } from './authenticate.ts'

export type RightsUses = { rights: Rights; closing: AbortSignal }

// A reader that takes nothing is cut off, so that its stream too ends within a second of the right.
const graceMs = 200

/**
 * The signal of a stream or a wait, for as long as its answer is not given: it aborts when the client is gone, the caller's
 * right ends, or the service closes; without `closing` an answer that is under way then is still given.
 *
 * Fastify's `request.signal` goes by the `close` of the request, which comes once its body is read: listened for only then,
 * it never comes.
 */
export function holdRight(
  request: FastifyRequest,
  reply: FastifyReply,
  { rights, closing }: Pick<RightsUses, 'rights'> & Partial<RightsUses>,
): AbortSignal {
  if (reply.raw.closed) return AbortSignal.abort()
  const gone = new AbortController()
  const right = rights.hold(callerOf(request))
  const cut = () => setTimeout(() => reply.raw.destroy(), graceMs).unref()
  right.signal.addEventListener('abort', cut, { signal: gone.signal })
  reply.raw.once('close', () => {
    gone.abort()
    right[Symbol.dispose]()
  })
  return AbortSignal.any([gone.signal, right.signal, ...(closing ? [closing] : [])])
}

/** @throws Problem when it was the end of the caller's right that ended the wait */
export function requireHeld({ reason }: AbortSignal): void {
  if (reason instanceof Problem) throw reason
}

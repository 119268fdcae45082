import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Rights } from '../accounts/rights.ts'
import { Problem } from '../domain/problem.ts'
import { callerOf } from './authenticate.ts'

export type RightsUses = { rights: Rights; closing: AbortSignal }

// A client that reads nothing is cut off, so that its stream too ends within a second after the right has ended.
const graceMs = 200

/**
 * The signal of a stream or a wait, until its answer is complete: it aborts when the client is gone, the caller's right ends,
 * or the service closes. Without `closing`, an answer that is under way when the service closes is still given.
 *
 * Fastify's `request.signal` follows the `close` of the request, which comes once its body is read: a listener that is added
 * later never hears it.
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

/** @throws Problem if the wait ended because the caller's right ended */
export function requireHeld({ reason }: AbortSignal): void {
  if (reason instanceof Problem) throw reason
}

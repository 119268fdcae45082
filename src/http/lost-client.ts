import type { FastifyReply } from 'fastify'

/**
 * Aborts when the client is gone, or has its answer. Fastify's `request.signal` follows the `close` of the request, which
 * comes as soon as the body is read: a listener that is added after that never hears it.
 */
export function lostClient({ raw }: FastifyReply): AbortSignal {
  if (raw.closed) return AbortSignal.abort()
  const lost = new AbortController()
  raw.once('close', () => lost.abort())
  return lost.signal
}

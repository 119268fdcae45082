import type { FastifyReply } from 'fastify'

/**
 * Aborts when the client is gone, or has its answer. Fastify's `request.signal` goes by the `close` of the request, which
 * comes once its body is read: listened for only then, it never comes.
 */
export function lostClient({ raw }: FastifyReply): AbortSignal {
  if (raw.closed) return AbortSignal.abort()
  const lost = new AbortController()
  raw.once('close', () => lost.abort())
  return lost.signal
}

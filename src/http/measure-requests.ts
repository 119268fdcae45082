import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestMeasures } from '../ports/measures.ts'

/** Counts each answer by the pattern of its route. Streams of events are left out: they last as long as people look. */
export function measureRequests(app: FastifyInstance, measures: RequestMeasures): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (!isStream(reply)) measures.answered(requestOf(request, reply))
    done()
  })
}

function requestOf({ method, routeOptions }: FastifyRequest, reply: FastifyReply) {
  return { method, route: routeOptions.url ?? null, status: reply.statusCode, tookMs: reply.elapsedTime }
}

function isStream(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/event-stream')
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestMeasures } from '../ports/measures.ts'

/** Has each answer of a route counted by its pattern. What streams events lasts as long as people look: it is left out. */
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

import type { FastifyRequest } from 'fastify'
import { requireRight } from '../../domain/people/can.ts'
import { Problem } from '../../domain/problem.ts'
import type { Exposition } from '../../ports/measures.ts'
import type { App } from '../app-type.ts'
import type { Authenticate } from '../authenticate.ts'
import { isLocal } from '../is-local.ts'

export type MetricsUses = {
  exposition: Exposition
  authenticate: Authenticate | null
  /** Whether a reverse proxy hands requests on: then a request from this machine may be anybody's. */
  behindProxy: boolean
}

/**
 * `GET /metrics` for Prometheus: from this machine if no proxy is configured, or with an administrator's token, which may be
 * narrowed to `metrics`.
 */
export function metricsRoutes(app: App, { exposition, authenticate, behindProxy }: MetricsUses): void {
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (behindProxy || !isLocal(request)) await requireMayRead(request, authenticate)
    const text = await exposition.text()
    return reply
      .header('content-type', exposition.contentType)
      .serializer(String)
      .send(text as never)
  })
}

async function requireMayRead(request: FastifyRequest, authenticate: Authenticate | null): Promise<void> {
  if (!authenticate)
    throw new Problem(
      'forbidden',
      'Until the service has started, metrics are for this machine alone, and for nobody behind a proxy.',
    )
  const caller = await authenticate(request)
  requireRight(caller, 'metrics:read', {}, 'Metrics are for administrators, and for this machine.')
}

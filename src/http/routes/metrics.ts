import type { Exposition } from '../../ports/measures.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, requireSignedIn } from '../authenticate.ts'

export type MetricsUses = { exposition: Exposition; authenticate: Authenticate }

/** `GET /metrics` for Prometheus, with an administrator's token, which may be narrowed to `metrics`. */
export function metricsRoutes(app: App, { exposition, authenticate }: MetricsUses): void {
  app.register(async (scope: App) => {
    requireSignedIn(scope, authenticate)
    scope.get('/metrics', { config: { action: 'metrics:read' }, schema: { hide: true } }, async (_request, reply) => {
      const text = await exposition.text()
      return reply
        .header('content-type', exposition.contentType)
        .serializer(String)
        .send(text as never)
    })
  })
}

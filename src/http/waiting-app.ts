import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { Problem } from '../domain/problem.ts'
import type { Finding } from '../domain/proof/proof.ts'
import { randomUUID } from '../lib/random.ts'
import type { RequestMeasures } from '../ports/measures.ts'
import type { App } from './app-type.ts'
import { cutConnections } from './cut-connections.ts'
import { measureRequests } from './measure-requests.ts'
import { createSendProblem } from './problem-response.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'
import { type MetricsUses, metricsRoutes } from './routes/metrics.ts'
import { zodSchemas } from './zod-schemas.ts'

/** What answers while the data root is not there: health and metrics, and to all else why there is nothing. */
export async function createWaitingApp(
  uses: HealthUses & MetricsUses & { finding: () => Finding; requests: RequestMeasures },
  { logger }: { logger: FastifyBaseLogger },
): Promise<App> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: zodSchemas,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
  }).withTypeProvider<ZodTypeProvider>()
  app.setErrorHandler(createSendProblem(uses.requests.refused))
  app.decorateRequest('caller', null)
  cutConnections(app)
  measureRequests(app, uses.requests)
  app.setNotFoundHandler(() => {
    throw new Problem(
      'data-root-not-proven',
      'The data root is not there, so there is nothing to serve. An administrator has to look: the log says what is missing.',
      { adminDetail: uses.finding().detail },
    )
  })
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  metricsRoutes(app, uses)
  return app
}

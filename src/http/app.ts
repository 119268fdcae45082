/** The API's table of contents. */
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Tokens } from '../accounts/tokens.ts'
import type { Users } from '../accounts/users.ts'
import type { Catalog } from '../domain/environment/catalog.ts'
import { Problem } from '../domain/problem.ts'
import { randomUUID } from '../lib/random.ts'
import type { RequestMeasures } from '../ports/measures.ts'
import type { App } from './app-type.ts'
import { requireAdministrator, requireSignedIn } from './authenticate.ts'
import { cutConnections } from './cut-connections.ts'
import { measureRequests } from './measure-requests.ts'
import { registerOpenApi } from './openapi.ts'
import { createSendProblem } from './problem-response.ts'
import { type DataUses, dataRoutes } from './routes/data.ts'
import { type EnvironmentEventsUses, environmentEventsRoute } from './routes/environment-events.ts'
import { environmentOutputRoutes } from './routes/environment-output.ts'
import { type EnvironmentUses, environmentRoutes } from './routes/environments.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'
import { type MetricsUses, metricsRoutes } from './routes/metrics.ts'
import { templateRoutes } from './routes/templates.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'
import { zodSchemas } from './zod-schemas.ts'

export type AppUses = EnvironmentUses &
  EnvironmentEventsUses &
  HealthUses &
  DataUses &
  MetricsUses & { catalog: Catalog; tokens: Tokens; users: Users; requests: RequestMeasures; publicUrl: string }

const bodyLimitBytes = 2 ** 20
const requestLimitMs = 30_000

export async function createApp(uses: AppUses, { logger }: { logger: FastifyBaseLogger }): Promise<App> {
  const sendProblem = createSendProblem(uses.requests.refused)
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: zodSchemas,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestLimitMs,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    // Paths that cannot be read never reach a route, nor its hooks.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      sendProblem(error, request, reply)
    },
  }).withTypeProvider<ZodTypeProvider>()
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request) => {
    throw new Problem('not-found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`)
  })
  // Clients that set the type on every request send it with empty bodies too.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, String(body), done)
  })
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      user: request.caller?.userId,
    }
    if (request.method === 'GET') request.log.debug(line, 'answered')
    else request.log.info(line, 'answered')
  })
  cutConnections(app)
  measureRequests(app, uses.requests)
  await registerOpenApi(app, uses)

  // Anyone
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  metricsRoutes(app, uses)
  // Whoever has signed in
  await app.register(
    async (signedIn: App) => {
      requireSignedIn(signedIn, uses.tokens)
      templateRoutes(signedIn, uses)
      environmentRoutes(signedIn, uses)
      environmentOutputRoutes(signedIn, uses)
      environmentEventsRoute(signedIn, uses)
      tokenRoutes(signedIn, uses)
      // Administrators
      await signedIn.register(async (administrators: App) => {
        requireAdministrator(administrators)
        userRoutes(administrators, uses)
        dataRoutes(administrators, uses)
      })
    },
    { prefix: '/api' },
  )
  return app
}

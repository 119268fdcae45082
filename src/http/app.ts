/** The HTTP application: what every request and answer has in common. The capabilities bring their routes. */
import Fastify, { type FastifyBaseLogger, type FastifyError, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Tokens } from '../accounts/tokens.ts'
import { Problem } from '../domain/problem.ts'
import { randomUUID } from '../lib/random.ts'
import type { RequestMeasures } from '../ports/measures.ts'
import type { App } from './app-type.ts'
import { requireAdministrator, requireSignedIn } from './authenticate.ts'
import { cutConnections } from './cut-connections.ts'
import { measureRequests } from './measure-requests.ts'
import { registerOpenApi } from './openapi.ts'
import { createSendProblem } from './problem-response.ts'
import { sendSafeHeaders } from './safe-headers.ts'
import { createWrongTokens } from './wrong-tokens.ts'
import { zodSchemas } from './zod-schemas.ts'

/** The routes of a capability, by who may use them. All but `atTop` are below `/api`. */
export type Routes = {
  atTop?: (app: App) => void
  anyone?: (app: App) => void
  signedIn?: (app: App) => void
  administrators?: (app: App) => void
}

export type AppUses = {
  tokens: Tokens
  requests: RequestMeasures
  version: string
  publicUrl: string
  logger: FastifyBaseLogger
}

const bodyLimitBytes = 2 ** 20
const requestLimitMs = 30_000

export async function createApp(uses: AppUses, routes: readonly Routes[]): Promise<App> {
  const { logger } = uses
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
  const orTooManyWrongTokens = await createWrongTokens(app)
  app.setErrorHandler(async (error: FastifyError, request, reply) =>
    sendProblem(await orTooManyWrongTokens(error, request), request, reply),
  )
  app.setNotFoundHandler((request) => {
    throw new Problem('not-found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`)
  })
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  sendSafeHeaders(app)
  acceptEmptyJson(app)
  logAnswers(app)
  cutConnections(app)
  measureRequests(app, uses.requests)
  await registerOpenApi(app, uses)

  await registerRoutes(app, routes, uses.tokens)
  return app
}

async function registerRoutes(app: App, routes: readonly Routes[], tokens: Tokens): Promise<void> {
  const prefix = '/api'
  for (const { atTop } of routes) atTop?.(app)
  await app.register(
    async (open: App) => {
      for (const { anyone } of routes) anyone?.(open)
    },
    { prefix },
  )
  await app.register(
    async (scope: App) => {
      requireSignedIn(scope, tokens)
      for (const { signedIn } of routes) signedIn?.(scope)
      await scope.register(async (innermost: App) => {
        requireAdministrator(innermost)
        for (const { administrators } of routes) administrators?.(innermost)
      })
    },
    { prefix },
  )
}

/** Clients that set the type on every request send it with empty bodies too. */
function acceptEmptyJson(app: App): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, String(body), done)
  })
}

function logAnswers(app: App): void {
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
}

/** The rules that all requests and answers share, in the service and while it waits for its data root. */
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { Problem } from '../domain/problem.ts'
import { basePathOf } from '../lib/base-path.ts'
import type { RequestMeasures } from '../ports/measures.ts'
import { requestIdOf, traceIdOf } from '../wire/request-id.ts'
import { createUnreadableRequests } from '../wire/unreadable-requests.ts'
import type { App } from './app-type.ts'
import { cutConnections } from './cut-connections.ts'
import { leadBelow } from './lead-below.ts'
import { limitBodies } from './limit-bodies.ts'
import { measureRequests } from './measure-requests.ts'
import { createSendProblem } from './problem-response.ts'
import { RequestLog } from './request-log.ts'
import { problemPages } from './routes/problem-pages.ts'
import { setHeaders } from './safe-headers.ts'
import { refuseUnknownFields } from './strict-requests.ts'
import { refuseUnknownPaths } from './unknown-paths.ts'
import { createWrongTokens } from './wrong-tokens.ts'
import { zodSchemas } from './zod-schemas.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the path itself lets somebody in: the log then has the route in its place. */
    hasSecretPath?: boolean
  }
}

export type BaseUses = {
  requests: RequestMeasures
  logger: FastifyBaseLogger
  /** Addresses and networks of the reverse proxies whose forwarding headers count. */
  trustProxy: string[]
  /** Where people see the service. A reverse proxy takes its path away from each request. */
  publicUrl: string
  /** The text of docs/problems.md. */
  problemsText: () => Promise<string>
  /** Whether somebody asks who may read host paths without signing in. */
  isAtMachine?: (request: FastifyRequest) => boolean
}

// Far more than any call needs. A larger body of nothing but mistakes would hold up every other request.
const bodyLimitBytes = 2 ** 16
const requestLimitMs = 30_000

/** `nothingHere` is the answer to an unknown path. */
export async function createBaseApp(
  { requests, logger, trustProxy, publicUrl, problemsText, isAtMachine = () => false }: BaseUses,
  nothingHere: (request: FastifyRequest) => Problem,
): Promise<App> {
  const base = basePathOf(publicUrl)
  const sendProblem = createSendProblem(requests.refused, base)
  const unreadable = createUnreadableRequests({ logger, onProblem: requests.refused, base })
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (parent, bindings, options) => new RequestLog(parent, bindings, options),
    schemaController: zodSchemas,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 0, // limitBodies has another bound for uploads
    trustProxy: trustProxy.length > 0 && trustProxy,
    genReqId: ({ headers }) => requestIdOf(headers),
    forceCloseConnections: 'idle',
    // Answer a request that comes in as the service closes; Fastify's own 503 would be no problem+json.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // A path that cannot be read never reaches a route, nor its hooks.
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply)
      sendProblem(error, request, reply)
    },
    clientErrorHandler: unreadable.answer,
    http: { headersTimeout: requestLimitMs, requireHostHeader: false }, // Node's own answer would be no problem+json
  }).withTypeProvider<ZodTypeProvider>()
  app.server.prependListener('request', unreadable.began)
  app.server.on('connect', (_, socket) => unreadable.abandon(socket))
  // An expectation may be ignored (RFC 9110, 10.1.1); Node's own 417 would be no problem+json.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  const orTooManyWrongTokens = await createWrongTokens(app)
  app.setErrorHandler(async (error: FastifyError, request, reply) =>
    sendProblem(await orTooManyWrongTokens(error, request), request, reply),
  )
  app.decorateRequest('caller', null)
  app.decorateRequest('isAtMachine', {
    getter() {
      return isAtMachine(this)
    },
  })
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply)
    if (request.raw.socket.destroyed) return // `began` has cut it
    const isMisnamed = request.raw.httpVersion === '1.1' && hostsIn(request.raw.rawHeaders) !== 1
    done(isMisnamed ? new Problem('malformed-request', 'HTTP/1.1 needs one header Host (RFC 9112, 3.2).') : undefined)
  })
  limitBodies(app, requestLimitMs)
  leadBelow(app, base)
  refuseUnknownPaths(app, nothingHere)
  refuseUnknownFields(app)
  acceptJsonAlone(app)
  logAnswers(app)
  cutConnections(app)
  measureRequests(app, requests)
  problemPages(app, problemsText)
  return app
}

function hostsIn(rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** Clients that set the type on every request send it with empty bodies too. */
function acceptJsonAlone(app: App): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, String(body), done)
  })
}

function logAnswers(app: App): void {
  const tellsOfReads = ['debug', 'trace'].includes(app.log.level)
  app.addHook('onResponse', (request, reply, done) => {
    const isRead = request.method === 'GET'
    if (tellsOfReads || !isRead) request.log[isRead ? 'debug' : 'info'](lineOf(request, reply), 'answered')
    done()
  })
}

function pathHasSecret({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.hasSecretPath === true
}

function lineOf(request: FastifyRequest, reply: FastifyReply): object {
  return {
    method: request.method,
    url: pathHasSecret(request) ? request.routeOptions.url : request.url,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    user: request.caller?.userId,
    client: request.ip,
    trace: traceIdOf(request.headers) ?? undefined,
  }
}

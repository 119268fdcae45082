import type { FastifyRequest, HTTPMethods } from 'fastify'
import { Problem } from '../domain/problem.ts'
import type { App } from './app-type.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies HTTPMethods[]

/**
 * Answers every request that no route takes, before its body is read: for OPTIONS, or another method on a known path, with
 * `Allow`; for all others with `nothingHere`.
 */
export function refuseUnknownPaths(app: App, nothingHere: (request: FastifyRequest) => Problem): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    const path = pathOf(request)
    const known = methods.filter((method) => app.findRoute({ method, url: path }) !== null)
    if (known.length === 0) return done(nothingHere(request))
    const allow = [...known, 'OPTIONS'].join(', ')
    reply.header('allow', allow)
    if (request.method === 'OPTIONS') reply.code(204).send()
    else done(new Problem('method-not-allowed', `${path} has no ${request.method}, but ${allow}.`))
  })
  // A route whose paths are files, such as the pages at /docs, finds out by itself that there is none.
  app.setNotFoundHandler(async (request) => {
    throw nothingHere(request)
  })
}

/** The path of a request, without its query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}

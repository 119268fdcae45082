import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { Problem } from '../domain/problem.ts'
import type { App } from './app-type.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies HTTPMethods[]

/**
 * Answers every request that no route takes, before its body is read: OPTIONS and another method on a known path with
 * `Allow`, and the rest as `nothingHere` has it.
 */
export function refuseUnknownPaths(app: App, nothingHere: (request: FastifyRequest) => Problem): void {
  const allowed = (url: string) => methods.filter((method) => app.findRoute({ method, url }) !== null)

  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.is404) return
    const path = pathOf(request)
    const known = allowed(path)
    if (known.length > 0) {
      const allow = [...known, 'OPTIONS'].join(', ')
      reply.header('allow', allow)
      if (request.method === 'OPTIONS') return reply.code(204).send()
      throw new Problem('method-not-allowed', `${path} has no ${request.method}, but ${allow}.`)
    }
    throw nothingHere(request)
  })
}

/** The path of a request, without its query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}

import fastifyStatic from '@fastify/static'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import { randomSecret } from '../../lib/random.ts'
import { openerPolicy } from '../../wire/html-page.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut } from '../authenticate.ts'

export type ConsoleUses = {
  /** The absolute path of the folder of the built console. */
  folder: string
  /** The console's one page, which shows all others; null if the console was never built. */
  readPage: () => Promise<string | null>
  authenticate: Authenticate
}

// The query is the pages' own.
const schema = { hide: true, querystring: z.record(z.string(), z.unknown()) }
const nonceMark = '%NONCE%'

/** The console: one page whose scripts show all others, and its assets, each named by a sum of its content. */
export function consoleRoutes(app: App, { folder, readPage, authenticate }: ConsoleUses): void {
  app.register(fastifyStatic, {
    root: `${folder}/assets`,
    prefix: '/console/assets/',
    decorateReply: false,
    preCompressed: true,
    index: false,
    immutable: true,
    maxAge: '365d',
  })

  for (const path of ['/', '/console', '/console/*'] as const) {
    app.get(path, { schema }, async (request, reply) => {
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303)
      const page = await readPage()
      if (page === null) throw new Problem('not-found', 'The console is not built. `npm start` builds it.')
      const nonce = randomSecret()
      return reply
        .headers({ 'content-security-policy': policyWith(nonce), 'referrer-policy': 'same-origin', ...openerPolicy })
        .type('text/html; charset=utf-8')
        .serializer(String)
        .send(page.replace(nonceMark, nonce))
    })
  }
}

/** Scripts, styles, fonts and pictures are the service's own files. The nonce is for the styles that scripts add. */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

import type { FastifyRequest } from 'fastify'
import { hasBody } from '../lib/has-body.ts'
import type { App } from './app-type.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the body may come in for as long as it goes on, as an upload does. */
    takesLong?: boolean
  }
}

const stalledAfterMs = 60_000

/**
 * Bounds the time in which a request's body comes in. Node's own bound is the same for all requests, uploads too; this one ends in
 * the same way, with 408. An upload may take any time, but not stand still because of its client. Once it is answered, the rest of its body
 * has no more time than another body.
 */
export function limitBodies(app: App, limitMs: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw, routeOptions } = request
    if (hasBody(raw)) {
      const end = () => {
        if (!raw.complete) app.server.emit('clientError', tooSlow(), raw.socket)
      }
      const limit = () => void raw.once('close', after(limitMs, end))
      if (routeOptions.config.takesLong) {
        raw.once('close', whileStalled(request, end))
        reply.raw.once('finish', () => {
          if (!raw.complete) limit()
        })
      } else limit()
    }
    done()
  })
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref()
  return () => clearTimeout(timer)
}

/** Calls once nothing more came in for a while, although the service would have read it. */
function whileStalled({ raw }: FastifyRequest, call: () => void): () => void {
  let seen = -1
  const timer = setInterval(() => {
    const { bytesRead } = raw.socket
    if (bytesRead === seen && raw.readableLength === 0) call()
    seen = bytesRead
  }, stalledAfterMs).unref()
  return () => clearInterval(timer)
}

function tooSlow(): Error {
  return Object.assign(new Error('the body came in too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
}

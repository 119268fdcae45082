import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { tusProblem } from '../../domain/files/upload.ts'
import type { UploadServer } from '../../ports/upload-server.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { holdRight, type RightsUses } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'

export type UploadUses = { uploads: UploadServer; takePlace: TakePlace; publicUrl: string } & Pick<RightsUses, 'rights'>

/** Resumable uploads by the protocol tus 1.0 (https://tus.io/protocols/resumable-upload), which describes the calls. */
export function uploadRoutes(app: App, { uploads, takePlace, publicUrl, rights }: UploadUses): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = callerOf(request)
    using _place = takePlace('uploads', caller)
    const signal = holdRight(request, reply, { rights })
    const answer = await uploads.answer(webRequest(request, publicUrl, signal), caller)
    const text = await answer.text()
    if (answer.status >= 400) throw tusProblem(answer.status, text)
    return reply.code(answer.status).headers(Object.fromEntries(answer.headers)).send()
  }
  const config = { takesLong: true }
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    const withBody = { config, schema: { hide: true, body: z.unknown() } }
    scope.route({ ...withBody, method: 'POST', url: '/uploads', handler: handle })
    scope.route({ ...withBody, method: ['PATCH', 'DELETE'], url: '/uploads/:id', handler: handle })
    scope.route({ config, schema: { hide: true }, method: 'HEAD', url: '/uploads/:id', handler: handle })
  })
}

/** The same request for tus, which takes those of the Fetch standard. */
function webRequest({ method, url, headers, body }: FastifyRequest, publicUrl: string, signal: AbortSignal): Request {
  const names = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  // It reads nothing before tus does: Node drops the rest of a body that nobody began to read, and the connection can be used again.
  const content = body instanceof Readable ? ReadableStream.from(body) : null
  const withBody = content && method !== 'HEAD' ? { body: content, duplex: 'half' as const } : {}
  return new Request(new URL(url, publicUrl), {
    method,
    headers: names as [string, string][],
    signal,
    ...withBody,
  } as RequestInit)
}

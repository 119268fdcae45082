import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { tusProblem } from '../../domain/files/upload.ts'
import type { UploadServer } from '../../ports/upload-server.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { holdRight, type RightsUses } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { toUploadBody, uploadsBody } from '../schemas/upload.ts'
import { ignoredBody } from '../strict-requests.ts'
import { uploadBody } from '../upload-body.ts'

export type UploadUses = { uploads: UploadServer; takePlace: TakePlace; publicUrl: string } & Pick<RightsUses, 'rights'>

const tags = ['files']
const tus = 'the protocol tus 1.0 (https://tus.io/protocols/resumable-upload)'
const text = (words: string) => z.string().max(1_000).optional().describe(words)
const ofTus = { 'tus-resumable': text('`1.0.0`: each request needs it') }
const params = z.object({ id: z.string().describe('The last part of the `Location` of the upload') })
const bytes = z.unknown().meta({ description: 'The bytes that follow', format: 'binary' })
const metadata = z
  .string()
  .max(2 ** 14) // as much as all headers of a request together
  .optional()
  .describe(
    'Names and values in Base64, as in `to L2FwaS9zaGFyZWQvZmlsZXMveA==,sha256 …`. `to`, which is needed: the path that a `PUT` would have, `/api/users/<id>/files/<path>` or `/api/shared/files/<path>`; `sha256`: the checksum of the whole content, hexadecimal; `if_match`, `if_none_match`: conditions as in those headers',
  )
const ofAll = ['precondition-failed', 'too-many-at-once'] as const
const ofOne = ['upload-not-found', 'wrong-state'] as const
const ofEnds = [
  'wrong-kind',
  'user-not-found',
  'checksum-differs',
  'storage-full',
  'user-folder-unusable',
  'folder-unusable',
  'no-room',
] as const

/** Resumable uploads by the protocol tus 1.0 (https://tus.io/protocols/resumable-upload). */
export function uploadRoutes(app: App, { uploads, takePlace, publicUrl, rights }: UploadUses): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = callerOf(request)
    using _place = takePlace('uploads', caller)
    const signal = holdRight(request, reply, { rights })
    const content = request.body instanceof Readable ? uploadBody(request.body) : null
    const answered = await uploads
      .answer(webRequest(request, content, { publicUrl, signal }), caller)
      .finally(() => void content?.return(null)) // tus does not tell that it reads no more
    const words = await answered.text()
    if (answered.status >= 400) throw tusProblem(answered.status, words)
    return reply.code(answered.status).headers(Object.fromEntries(answered.headers)).send() as never
  }
  app.get(
    '/uploads',
    {
      schema: {
        tags,
        operationId: 'listUploads',
        summary: 'Your unfinished uploads, the oldest first',
        description: 'They count for the limit of your tier. Go on with one, or give it up with `DELETE`.',
        response: { 200: answer(uploadsBody, 'All of them, on one page') },
      },
    },
    async (request) => ({
      items: (await uploads.unfinishedOf(callerOf(request))).map(toUploadBody),
      next_cursor: null,
    }),
  )
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.route({
      method: 'POST',
      url: '/uploads',
      config: { takesLong: true, problems: [...ofAll, ...ofEnds] },
      schema: {
        tags,
        operationId: 'createUpload',
        summary: 'Begin an upload that can go on after it broke off',
        description: `By ${tus}, with its extensions creation, creation-with-upload, expiration and termination. With the last byte it becomes the file. The service removes an upload that is not finished within a week.`,
        consumes: ['application/offset+octet-stream'],
        headers: z.object({
          ...ofTus,
          'upload-length': text('The bytes of the whole content: needed'),
          'upload-metadata': metadata,
        }),
        body: bytes.nullish(),
        response: {
          201: answer(z.null(), 'It has begun', 'Location', 'Tus-Resumable', 'Upload-Offset', 'Upload-Expires'),
        },
      },
      handler: handle,
    })
    scope.route({
      method: 'HEAD',
      url: '/uploads/:id',
      config: { takesLong: true, problems: [...ofAll, ...ofOne, ...ofEnds], swagger: { exposeHeadRoute: true } },
      schema: {
        tags,
        operationId: 'checkUpload',
        summary: 'Look how far an upload is',
        description: `By ${tus}.`,
        params,
        headers: z.object(ofTus),
        response: {
          200: answer(z.null(), 'So far', 'Tus-Resumable', 'Upload-Offset', 'Upload-Length', 'Upload-Metadata'),
        },
      },
      handler: handle,
    })
    scope.route({
      method: 'PATCH',
      url: '/uploads/:id',
      config: { takesLong: true, problems: [...ofAll, ...ofOne, ...ofEnds] },
      schema: {
        tags,
        operationId: 'resumeUpload',
        summary: 'Go on with an upload: the body is the bytes that follow',
        description: `By ${tus}. A request may bring all that is left, or a part of it.`,
        consumes: ['application/offset+octet-stream'],
        params,
        headers: z.object({
          ...ofTus,
          'upload-offset': text('Where the body begins, as `HEAD` tells it: needed'),
        }),
        body: bytes,
        response: {
          204: answer(z.null(), 'It is stored', 'Tus-Resumable', 'Upload-Offset', 'Upload-Expires'),
        },
      },
      handler: handle,
    })
    scope.route({
      method: 'DELETE',
      url: '/uploads/:id',
      config: { takesLong: true, problems: [...ofAll, ...ofOne] },
      schema: {
        tags,
        operationId: 'deleteUpload',
        summary: 'Give up an upload',
        description: `By ${tus}. A finished one only becomes unknown: its file stays.`,
        params,
        headers: z.object(ofTus),
        body: ignoredBody,
        response: { 204: answer(z.null(), 'It is gone', 'Tus-Resumable') },
      },
      handler: handle,
    })
  })
}

/** The same request for tus, which takes those of the Fetch standard. */
function webRequest(
  { method, url, headers }: FastifyRequest,
  content: AsyncIterable<Buffer> | null,
  { publicUrl, signal }: { publicUrl: string; signal: AbortSignal },
): Request {
  const names = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  // It reads nothing before tus does: Node drops the rest of a body that nobody began to read, and the connection can be used again.
  const withBody = content && method !== 'HEAD' ? { body: ReadableStream.from(content), duplex: 'half' as const } : {}
  return new Request(new URL(url, publicUrl), {
    method,
    headers: names as [string, string][],
    signal,
    ...withBody,
  } as RequestInit)
}

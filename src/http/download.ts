import { Readable, type Writable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { byteRange } from '../domain/files/byte-range.ts'
import { hasTag } from '../domain/files/conditions.ts'
import { reprDigest, wantsSha256 } from '../domain/files/digest.ts'
import { type Entry, entityTag } from '../domain/files/entry.ts'
import { Problem } from '../domain/problem.ts'
import type { OpenedFile } from '../ports/file-trees.ts'
import { untilClosed } from './places.ts'

/**
 * These keep a browser from showing or running what people have stored, on the origin of the platform: it only saves it.
 */
export const neverShown = {
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'content-type': 'application/octet-stream',
}

/** A larger file would keep its reader waiting: the checksum is needed before the first byte is sent. */
export const digestAtMostBytes = 2 ** 26

/** Answers with a file, or the part of it that the request asks for (RFC 9110, 13 and 14). */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: OpenedFile): Promise<FastifyReply> {
  const { entry } = file
  // However the answer ends, also before the first byte, the file is closed with it.
  untilClosed(reply, { [Symbol.dispose]: () => void file[Symbol.asyncDispose]() })
  const tag = entityTag(entry)
  reply.headers({ ...neverShown, etag: tag, 'accept-ranges': 'bytes', 'content-disposition': attachment(entry.name) })
  reply.header('last-modified', new Date(entry.modifiedAt).toUTCString())
  reply.header('cache-control', 'private, no-cache') // a cache may keep it, and must ask each time
  const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = request.headers
  if (ifMatch !== undefined && !hasTag(ifMatch, tag, { weakly: false })) {
    throw new Problem('precondition-failed', `The file has changed: its ETag is now ${tag}.`)
  }
  if (ifNoneMatch !== undefined && hasTag(ifNoneMatch, tag, { weakly: true })) {
    return reply.code(304).send()
  }
  const part = partOf(request, entry)
  if (part === 'none') {
    reply.header('content-range', `bytes */${entry.sizeBytes}`)
    throw new Problem('range-not-satisfiable', `The file has ${entry.sizeBytes} bytes.`)
  }
  // A request for a few bytes, or for none, must not cost the service 64 MiB of computing.
  const isWhole = part === null && request.method !== 'HEAD'
  const wants = isWhole && wantsSha256(request.headers['want-repr-digest']?.toString())
  if (wants && entry.sizeBytes <= digestAtMostBytes) reply.header('repr-digest', reprDigest(await file.sha256()))
  const range = part ?? { start: 0, end: entry.sizeBytes }
  reply.header('content-length', range.end - range.start)
  if (part) reply.code(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${entry.sizeBytes}`)
  if (request.method === 'HEAD') {
    return reply.send(Readable.from([]))
  }
  return await sendPieces(reply, file.read(range))
}

/**
 * Sends pieces of which each is valid until the next is asked for. A stream would hold several at a time.
 *
 * @throws nothing once the answer has begun: a connection that is cut tells the client
 */
async function sendPieces(reply: FastifyReply, pieces: AsyncIterable<Buffer>): Promise<FastifyReply> {
  const { raw } = reply
  reply.hijack()
  raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string | number>)
  try {
    for await (const piece of pieces) await written(raw, piece)
    raw.end()
  } catch (error) {
    reply.log.debug({ err: error }, 'a download broke off')
    raw.destroy()
  }
  return reply
}

export function written(raw: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => raw.write(piece, (error) => (error ? reject(error) : resolve())))
}

function partOf({ headers }: FastifyRequest, entry: Entry): ReturnType<typeof byteRange> {
  const ifRange = headers['if-range']
  if (ifRange !== undefined && ifRange !== entityTag(entry)) return null
  return byteRange(headers.range, entry.sizeBytes)
}

/** RFC 6266, with the name in RFC 8187's form: a name may have quotes and line ends. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`
}

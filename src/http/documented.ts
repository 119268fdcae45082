import type { z } from 'zod'
import type { ProblemCode } from '../domain/problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The problems that this call can answer with, beside those that every call can. Only for the document. */
    problems?: readonly ProblemCode[]
  }
}

/** The headers of answers that the document tells of. */
const headers = {
  'Accept-Ranges': '`bytes`: a file can be had in parts',
  'Content-Range': 'Which part it is, and of how many bytes: `bytes 0-99/1234`',
  ETag: 'The version of the content, for `If-Match`, `If-None-Match` and `If-Range`',
  'Last-Modified': 'When the file was changed',
  Location: 'The path of what was made',
  'Preference-Applied': 'The wait that counts, if the request preferred to wait: `wait=55`',
  'Repr-Digest': 'The SHA-256 of the whole file, if the request wanted it: `sha-256=:<base64>:` (RFC 9530)',
  'Set-Cookie': 'The cookie of the session',
  'Tus-Resumable': 'The version of the protocol: `1.0.0`',
  'Upload-Expires': 'When the service removes the upload if it is not finished',
  'Upload-Length': 'The bytes of the whole content',
  'Upload-Metadata': 'What the upload said at its beginning',
  'Upload-Offset': 'How many bytes the service has: the upload goes on there',
} as const

type Name = keyof typeof headers

/** Headers as the document shows them. */
export function told(...names: Name[]): Record<string, { type: 'string'; description: string }> {
  return Object.fromEntries(names.map((name) => [name, { type: 'string', description: headers[name] }]))
}

/** An answer as the document shows it: its meaning, and its headers. */
export function answer<Schema extends z.ZodType>(schema: Schema, description: string, ...names: Name[]): Schema {
  return schema.meta({ description, ...(names.length > 0 && { headers: told(...names) }) })
}

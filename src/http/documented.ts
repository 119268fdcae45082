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
  Location: 'The path of what was made',
  'Preference-Applied': 'The wait that counts, if the request preferred to wait: `wait=55`',
  'Set-Cookie': 'The cookie of the session',
} as const

/** An answer as the document shows it: its meaning, and its headers. */
export function answer<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  ...names: (keyof typeof headers)[]
): Schema {
  const told = names.map((name) => [name, { type: 'string', description: headers[name] }])
  return schema.meta({ description, ...(names.length > 0 && { headers: Object.fromEntries(told) }) })
}

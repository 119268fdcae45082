import type { FastifyServerOptions } from 'fastify'
import { strictValidator } from './strict-requests.ts'

/**
 * zod validates requests; answers are written as they are. The app is made with these two, so that Fastify does not load
 * its own compilers (ajv and fast-json-stringify: 30 ms of every start).
 */
export const zodSchemas: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: {
    // Fastify's type knows only ajv.
    buildValidator: () => strictValidator as never,
    buildSerializer: () => () => JSON.stringify,
  },
}

import type { FastifyServerOptions } from 'fastify'
import { strictValidator } from './strict-requests.ts'

/**
 * Requests are validated by zod; answers are written as they are. Said when the app is made, so that Fastify does not load
 * its own two compilers (ajv and fast-json-stringify: 30 ms of every start).
 */
export const zodSchemas: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: {
    // Its type knows ajv alone.
    buildValidator: () => strictValidator as never,
    buildSerializer: () => () => JSON.stringify,
  },
}

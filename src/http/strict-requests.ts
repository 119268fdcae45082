import type { FastifySchemaCompiler, RouteOptions } from 'fastify'
import { z } from 'zod'
import { Problem } from '../domain/problem.ts'
import { nearest } from '../lib/nearest.ts'
import type { App } from './app-type.ts'

/** The body of a call that takes none. The documents do not show it. */
export const noBody = z.strictObject({}).nullish()

/** The body of a call that does not look at it. The documents do not show it. */
export const ignoredBody = z.unknown()

const mostTold = 10
const longestName = 100
const withBody = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Validates a part of a request by its zod schema. For each unknown name it says the nearest known one. */
export const strictValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'request' }) =>
  (data) => {
    const result = schema.safeParse(data)
    return result.success ? { value: result.data } : { error: invalid(schema, data, httpPart) }
  }

/** Parses once more, to learn which names are known where an unknown one stands. */
function invalid(schema: z.ZodType, data: unknown, httpPart: string): Problem {
  const knownTo = new Map<string[], string[]>()
  const { error } = schema.safeParse(data, {
    error(issue) {
      if (issue.code === 'unrecognized_keys') knownTo.set(issue.keys, namesOf(issue.inst))
      return undefined // zod's own words
    },
  })
  const noun = httpPart === 'querystring' ? 'parameter' : 'field'
  // The body may be large: no more is looked at than is told.
  const all = (error?.issues ?? []).slice(0, mostTold + 1).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: issue.message }]
    const known = knownTo.get(issue.keys) ?? []
    return issue.keys.slice(0, mostTold + 1).map((key) => ({
      pointer: pointerTo([...issue.path, shortened(key)]),
      detail: unknownWords(shortened(key), noun, known),
    }))
  })
  const errors = all.slice(0, mostTold)
  const words = errors.map(({ pointer, detail }) => (pointer ? `${pointer}: ${detail}` : detail)).join('; ')
  const detail = `The ${httpPart} is not valid. ${words}${all.length > mostTold ? '; and more' : ''}`
  return new Problem('invalid-request', detail, { errors })
}

/** A JSON pointer, RFC 6901; "" is the whole. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Makes every route refuse query parameters and fields of a body that it does not know. */
export function refuseUnknownFields(app: App): void {
  app.addHook('onRoute', (route) => {
    const { querystring = z.object({}), body = noBody, ...rest } = route.schema ?? {}
    route.schema = {
      ...rest,
      querystring: querystring instanceof z.ZodObject ? querystring.strict() : querystring,
      ...(takesBody(route) && { body }),
    }
  })
}

function takesBody({ method }: RouteOptions): boolean {
  return [method].flat().some((each) => withBody.has(each))
}

function shortened(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name
}

function namesOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

function unknownWords(name: string, noun: string, known: string[]): string {
  const meant = nearest(name, known)
  if (meant) return `there is no such ${noun}; did you mean ${meant}?`
  return `there is no such ${noun}${known.length > 0 ? `; there are ${known.join(', ')}` : ', nor any other'}`
}

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { ProblemCode } from '../domain/problem.ts'
import { basePathOf } from '../lib/base-path.ts'
import { leaveOut, requireOf } from '../lib/leave-out.ts'
import { openerPolicy } from '../wire/html-page.ts'
import { guideFor, securitySchemes, tags } from './api-guide.ts'
import { anyProblem, problemResponse, problemsByStatus } from './describe-problems.ts'
import { policyOfPages } from './safe-headers.ts'
import { ignoredBody, noBody } from './strict-requests.ts'

/** Collects the routes' schemas into OpenAPI 3.1, with pages at `/docs`. Registered before the routes. */
export async function registerOpenApi(
  app: FastifyInstance,
  { version, publicUrl }: { version: string; publicUrl: string },
): Promise<void> {
  const ownProblems = new Map<string, readonly ProblemCode[]>()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AI Lab Platform backend',
        version,
        description: guideFor(publicUrl),
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl }],
      tags,
      security: [{ bearer: [] }, { basic: [] }, { session: [] }],
      components: { securitySchemes, headers: { RetryAfter: retryAfter } },
    },
    transform: ({ route, ...given }) => {
      const schema = withOwnId(given.schema)
      if (schema?.operationId) ownProblems.set(schema.operationId, route.config?.problems ?? [])
      const shown = jsonSchemaTransform({ ...given, route, schema: withoutNoBody(schema) })
      keepHeaders(schema?.response, shown.schema?.response)
      return shown
    },
    transformObject: (given) => {
      const document = withoutSelfEvident(jsonSchemaTransformObject(given) as Document)
      withExactRequests(document)
      withNamedPaths(document)
      withProblems(document, ownProblems, basePathOf(publicUrl))
      return withoutUnused(document) as never
    },
  })
  // Only for lists of folders, which the pages do not have; 7 ms of every start.
  leaveOut(requireOf('@fastify/static', requireOf('@fastify/swagger-ui')), 'glob')
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // "Try it out" asks the service that the page came from, under any name: a browser lets the page ask no other.
    transformSpecification: (document) => ({ ...document, servers: [{ url: '..', description: 'this service' }] }),
    staticCSP: policyOfPages,
    uiHooks: { onRequest: async (_request, reply) => void reply.headers(openerPolicy) },
    uiConfig: { layout: 'BaseLayout' },
    theme: { title: 'AI Lab Platform backend: API' },
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

const retryAfter = { description: 'The seconds after which to ask again', schema: { type: 'integer' } } as const

/** Shows no body for a call that takes none. */
function withoutNoBody<Schema extends { body?: unknown }>(schema: Schema): Schema {
  return schema?.body === noBody || schema?.body === ignoredBody ? { ...schema, body: undefined } : schema
}

/** The plugin expects every HEAD to have the id of its GET, and adds to it; here the id is the call's own. */
function withOwnId<Schema extends { operationId?: string }>(schema: Schema): Schema {
  const { operationId } = schema ?? {}
  return operationId === undefined ? schema : { ...schema, operationId: operationId.replace(/-head$/, '') }
}

/** The generator leaves out the headers of answers that have media types of their own. */
function keepHeaders(given: unknown, shown: unknown): void {
  const answers = Object.entries((given ?? {}) as Record<string, { headers?: object; content?: object }>)
  for (const [status, { headers, content }] of answers)
    if (headers && content) Object.assign((shown as Record<string, object>)[status] ?? {}, { headers })
}

type Parameter = { in: string; name: string }
type Operation = {
  responses: Record<string, unknown>
  operationId: string
  tags: string[]
  security?: unknown[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema: { anyOf?: { type?: string }[] } }> }
}
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown>; responses?: Record<string, unknown> }
}

/** Adds to every operation the problems that it can answer with; `own` has those of each operation by its id. */
function withProblems(
  { paths, components }: Document,
  own: ReadonlyMap<string, readonly ProblemCode[]>,
  base: string,
): void {
  const responses: Record<string, unknown> = {}
  for (const [method, operation] of operationsOf(paths)) {
    const { operationId, security, tags } = operation
    const call = { method, isOpen: security?.length === 0, isHealth: tags.includes('health') }
    const byStatus = problemsByStatus({ ...call, problems: own.get(operationId) ?? [] })
    for (const [status, codes] of byStatus) {
      const { name, response } = problemResponse(status, codes, base)
      responses[name] = response
      operation.responses[status] = { $ref: `#/components/responses/${name}` }
    }
    operation.responses.default = anyProblem
  }
  components.responses = Object.fromEntries(Object.entries(responses).sort())
}

/** Says what the generator does not know: which bodies may be left out, and how people write the names of headers. */
function withExactRequests({ paths }: Document): void {
  for (const [, { requestBody, parameters = [] }] of operationsOf(paths)) {
    if (requestBody) requestBody.required = !mayBeLeftOut(requestBody)
    for (const parameter of parameters.filter((each) => each.in === 'header'))
      parameter.name = parameter.name.replace(/(?<=^|-)(id$|\w)/g, (letters) => letters.toUpperCase())
  }
}

/** A path of any depth is `*` in the router, and `{path}` in the document. */
function withNamedPaths(document: Document): void {
  const named = Object.entries(document.paths).map(([path, operations]) => [path.replace('{*}', '{path}'), operations])
  document.paths = Object.fromEntries(named)
  for (const [, { parameters = [] }] of operationsOf(document.paths))
    for (const parameter of parameters) if (parameter.name === '*') parameter.name = 'path'
}

function operationsOf(paths: Document['paths']): [method: string, Operation][] {
  return Object.values(paths).flatMap((operations) => Object.entries(operations))
}

function mayBeLeftOut({ content }: NonNullable<Operation['requestBody']>): boolean {
  return Object.values(content).some(({ schema }) => schema.anyOf?.some(({ type }) => type === 'null'))
}

/** Leaves out JavaScript's largest integer as a bound: pages and clients would take it for an example. */
function withoutSelfEvident(document: Document): Document {
  const isSelfEvident = (value: unknown) => typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER
  return JSON.parse(JSON.stringify(document, (_, value) => (isSelfEvident(value) ? undefined : value)))
}

/** Leaves out schemas without a reference: the generator makes each one for requests and again for answers. */
function withoutUnused({ components, ...rest }: Document): Document {
  const text = JSON.stringify({ components, ...rest })
  const all = Object.entries(components.schemas)
  const used = all.filter(([name]) => text.includes(`"#/components/schemas/${name}"`))
  const document = { ...rest, components: { ...components, schemas: Object.fromEntries(used) } }
  // A removed schema may have held the last reference to another one.
  return used.length < all.length ? withoutUnused(document) : document
}

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { leaveOut, requireOf } from '../lib/leave-out.ts'
import { policyOfPages } from './safe-headers.ts'
import { problemBody } from './schemas/common.ts'
import { noBody } from './strict-requests.ts'

/** Collects the routes' schemas into OpenAPI 3.1, with pages at `/docs`. Registered before the routes. */
export async function registerOpenApi(
  app: FastifyInstance,
  { version, publicUrl }: { version: string; publicUrl: string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AI Lab Platform backend',
        version,
        description: 'Creates and runs Jupyter environments on one data root.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl }],
      security: [{ bearer: [] }, { basic: [] }, { session: [] }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'ai-lab-session',
            description: '`__Host-ai-lab-session` on https',
          },
          basic: { type: 'http', scheme: 'basic', description: 'User id and API token' },
        },
      },
    },
    transform: (given) => jsonSchemaTransform({ ...given, schema: withoutNoBody(given.schema) }),
    transformObject: (given) =>
      withoutUnused(withProblems(withoutSelfEvident(jsonSchemaTransformObject(given) as Document))) as never,
  })
  // Only for lists of folders, which the pages do not have; 7 ms of every start.
  leaveOut(requireOf('@fastify/static', requireOf('@fastify/swagger-ui')), 'glob')
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // "Try it out" asks the service that the page came from, under any name: a browser lets the page ask no other.
    transformSpecification: (document) => ({ ...document, servers: [{ url: '..', description: 'this service' }] }),
    staticCSP: policyOfPages,
    uiConfig: { layout: 'BaseLayout' },
    theme: { title: 'AI Lab Platform backend: API' },
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** Shows no body for a call that takes none. */
function withoutNoBody<Schema extends { body?: unknown }>(schema: Schema): Schema {
  return schema?.body === noBody ? { ...schema, body: undefined } : schema
}

type Operation = {
  responses: Record<string, unknown>
  operationId?: string
  requestBody?: { required?: boolean; content: Record<string, { schema: { anyOf?: { type?: string }[] } }> }
}
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, unknown> } }

const problem = {
  description: problemBody.meta()?.description,
  content: { 'application/problem+json': { schema: { $ref: `#/components/schemas/${problemBody.meta()?.id}` } } },
}

/** Adds to every operation the answer with a problem, and a name for generated clients. */
function withProblems({ paths, ...rest }: Document): Document {
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = `${method}${path.replace(/^\/api/, '').replace(/[/{}]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`
      if (operation.requestBody) operation.requestBody.required = !mayBeLeftOut(operation.requestBody)
      operation.responses['4XX'] = problem
      operation.responses.default = problem
    }
  }
  return { paths, ...rest }
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

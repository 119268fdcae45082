import { readFileSync } from 'node:fs'

type Answer = { method: string; path: string; status: number; body: unknown }
type Response = {
  $ref?: string
  content?: Record<string, { schema: { allOf?: { properties?: { type: { enum: string[] } } }[] } }>
}
type Document = {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>
  components: { responses: Record<string, Response> }
}

const { paths, components }: Document = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
)
const patterns = Object.entries(paths).map(([path, operations]) => ({
  // A fixed path comes before one with a parameter, as in the service's own router.
  isFixed: !path.includes('{'),
  pattern: new RegExp(`^${path.replace('{path}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  operations,
}))
patterns.sort((one, other) => Number(other.isFixed) - Number(one.isFixed))

/** What docs/openapi.json does not tell of an answer; null if it tells all, or does not have the path. */
export function undocumented({ method, path, status, body }: Answer): string | null {
  const [plain = ''] = path.split('?', 1)
  const operation = patterns.find(({ pattern }) => pattern.test(plain))?.operations[method.toLowerCase()]
  if (!operation || status === 405) return null
  const listed = operation.responses[status]
  if (!listed) return `${method} ${plain} answered ${status}, which docs/openapi.json does not list there`
  const type = typeOf(body)
  if (type === null) return null
  const response = listed.$ref ? components.responses[listed.$ref.split('/').at(-1) ?? ''] : listed
  const all = response?.content?.['application/problem+json']?.schema.allOf?.flatMap(
    (part) => part.properties?.type.enum ?? [],
  )
  return all?.includes(type)
    ? null
    : `${method} ${plain} answered ${status} ${type}, which docs/openapi.json does not list there`
}

function typeOf(body: unknown): string | null {
  const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : null
  return typeof type === 'string' && type.startsWith('/problems/') ? type : null
}

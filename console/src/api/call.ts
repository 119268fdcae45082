import { leavesFor, personHeaders } from './page-owner.ts'
import { at } from './place.ts'
import { Refusal, Unreachable } from './refusal.ts'

export { Refusal, Unreachable }

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Query = Record<string, string | number | boolean | null | undefined>
export type CallOptions = { body?: object; query?: Query; headers?: Record<string, string>; signal?: AbortSignal }

const unreachable = [502, 504]

/** One call of the API; gives the body of its answer. @throws Refusal, Unreachable; the signal's reason on abort */
export async function call<Body>(method: Method, path: string, options: CallOptions = {}): Promise<Body> {
  const response = await answerTo(method, path, options)
  return (response.status === 204 ? undefined : await response.json()) as Body
}

/** The same, for an answer that is not JSON: a file, or a part of one. If another person is signed in, it loads the page anew and never settles. */
export async function answerTo(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const { body, query = {}, headers, signal } = options
  const given = Object.entries(query).flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]))
  const search = new URLSearchParams(given).toString()
  const response = await fetch(at(`api/${path}${search && `?${search}`}`), {
    method,
    ...(body && { body: body instanceof Blob ? body : JSON.stringify(body) }),
    headers: {
      ...(body && !(body instanceof Blob) && { 'content-type': 'application/json' }),
      ...(path !== 'me' && personHeaders()), // this call asks who is signed in
      ...headers,
    },
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new Unreachable('The service cannot be reached.', { cause })
  })
  if (unreachable.includes(response.status)) throw new Unreachable('The service cannot be reached.')
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    const refusal = new Refusal(response.status, problem, response.headers.get('retry-after'))
    if (!leavesFor(refusal)) throw refusal
    return new Promise(() => {})
  }
  return response
}

export type Page<Item> = { items: Item[]; next_cursor: string | null }

/** All items of a list, page after page. `onPage` gets those that have come so far. */
export async function callForAll<Item>(
  path: string,
  { onPage, ...options }: CallOptions & { onPage?: (items: readonly Item[]) => void } = {},
): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | null = null; ; ) {
    const page: Page<Item> = await call('GET', path, { ...options, query: { limit: 200, ...options.query, cursor } })
    items.push(...page.items)
    cursor = page.next_cursor
    if (cursor === null) return items
    onPage?.(items)
  }
}

/** One part of a path: ids and names may have any character. */
export const part = encodeURIComponent

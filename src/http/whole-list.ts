import { setImmediate } from 'node:timers/promises'
import type { ListPosition } from '../ports/environment-store.ts'
import type { EnvironmentBody } from './schemas/environment.ts'

const pageSize = 100
const limitMs = 30_000

type Page = { bodies: EnvironmentBody[]; next: ListPosition | null }
export type PageAfter = (after: ListPosition | null, limit: number) => Promise<Page>

/**
 * The text of a first page together with all environments, which the existing portals read. It makes page after page as
 * fast as the client reads: ten thousand environments are never in memory at once, and never block other requests.
 *
 * @throws Error if the signal aborts, or the client reads too slowly; the answer is then cut off
 */
export async function* wholeList(
  list: object,
  { bodies, next }: Page,
  pageAfter: PageAfter,
  { signal }: { signal: AbortSignal },
): AsyncIterable<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  yield `${JSON.stringify(list).slice(0, -1)},"environments":[${textOf(bodies)}`
  for (let after = next; after !== null; ) {
    await setImmediate() // let other requests have their turn
    limit.throwIfAborted()
    const page = await pageAfter(after, pageSize)
    if (page.bodies.length > 0) yield `,${textOf(page.bodies)}`
    after = page.next
  }
  yield ']}'
}

function textOf(bodies: EnvironmentBody[]): string {
  return bodies.map((body) => JSON.stringify(body)).join(',')
}

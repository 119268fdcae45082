import { setImmediate } from 'node:timers/promises'
import type { ListPosition } from '../ports/environment-store.ts'
import type { EnvironmentBody } from './schemas/environment.ts'

const pageSize = 100
const limitMs = 30_000

type Page = { bodies: EnvironmentBody[]; next: ListPosition | null }
export type PageAfter = (after: ListPosition | null, limit: number) => Promise<Page>

/**
 * The text of a first page together with all environments, which the existing portals read. It is made page by page, as
 * fast as it is read: ten thousand never stand in memory at once, nor hold up other requests.
 *
 * @throws Error when the signal aborts, or the reader takes too long; the answer is then cut off
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

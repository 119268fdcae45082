import { isShort } from '../files/list-state.ts'

type Query = { meta?: Record<string, unknown> | undefined; state: { data?: unknown } }

/** True if the page may read the list again by itself: each page of a long list costs a request. Pure. */
export function isFewRequests({ meta, state: { data } }: Query): boolean {
  return !meta?.isPaged || isShort((data as { pages?: unknown[] } | undefined)?.pages)
}

import { isShort } from '../files/list-state.ts'

type Query = { meta?: Record<string, unknown> | undefined; state: { data?: unknown } }

/** Whether a list may be read again without being asked: each page of a long one is a request. Pure. */
export function isFewRequests({ meta, state: { data } }: Query): boolean {
  return !meta?.isPaged || isShort((data as { pages?: unknown[] } | undefined)?.pages)
}

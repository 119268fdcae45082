import { Refusal } from '../api/call.ts'

/**
 * Decides what a page shows after it asked for its data again. While the service is away, the page keeps the old data, and the sign of the
 * connection says so. If the service refuses, the page shows the refusal above the old data, which may be out of date. After a 404 it drops
 * the data. Pure.
 */
export function shownOf({ data, error }: { data: unknown; error: unknown }): { isData: boolean; isProblem: boolean } {
  const hasData = data !== undefined
  if (!error || !hasData) return { isData: hasData, isProblem: Boolean(error) }
  if (!(error instanceof Refusal)) return { isData: true, isProblem: false }
  return { isData: error.status !== 404, isProblem: true }
}

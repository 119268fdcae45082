import { Refusal } from '../api/call.ts'

/**
 * What a page shows of something that it had, after it asked again. While the service is away the page keeps what it had, and the connection's sign tells of it.
 * What the service refuses to show again is perhaps no longer so, and what is gone is not shown. Pure.
 */
export function shownOf({ data, error }: { data: unknown; error: unknown }): { isData: boolean; isProblem: boolean } {
  const hasData = data !== undefined
  if (!error || !hasData) return { isData: hasData, isProblem: Boolean(error) }
  if (!(error instanceof Refusal)) return { isData: true, isProblem: false }
  return { isData: error.status !== 404, isProblem: true }
}

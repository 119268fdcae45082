import { type Problem, problems } from '../domain/problem.ts'

/** RFC 9457. `error` repeats `detail` for the existing portals. */
export function problemBodyOf(
  { code, errors }: Problem,
  { detail, instance, requestId }: { detail: string; instance: string; requestId: string },
) {
  return {
    type: `/problems/${code}`,
    title: problems[code].title,
    status: problems[code].status,
    detail,
    instance,
    request_id: requestId,
    error: detail,
    ...(errors.length > 0 && { errors }),
  }
}

import { type Problem, problems } from '../domain/problem.ts'

/** Where a problem came up: the path of the request, the request's id, and the path below which people see the service. */
export type About = { instance: string; requestId: string; base?: string }

/** RFC 9457. `error` repeats `detail` for the existing portals. */
export function problemBodyOf(
  { code, errors }: Problem,
  { detail, instance, requestId, base = '' }: About & { detail: string },
) {
  return {
    type: `${base}/problems/${code}`,
    title: problems[code].title,
    status: problems[code].status,
    detail,
    instance: base + instance,
    request_id: requestId,
    error: detail,
    ...(errors.length > 0 && { errors }),
  }
}

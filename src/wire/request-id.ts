import type { IncomingHttpHeaders } from 'node:http'
import { randomUUID } from '../lib/random.ts'

// These characters cannot end a line of the log, or pass for a part of another header.
const safeId = /^[\w.:@+/=-]{1,128}$/
const trace = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

type Headers = IncomingHttpHeaders

/**
 * The id of a request in its answer and in the log: its own `X-Request-Id`, else the id of its trace, so that a proxy or
 * a client finds its requests again, else a new id.
 */
export function requestIdOf(headers: Headers): string {
  const given = headers['x-request-id']
  if (typeof given === 'string' && safeId.test(given)) return given
  return traceIdOf(headers) ?? randomUUID()
}

/** The trace id of a valid `traceparent`, https://www.w3.org/TR/trace-context/#traceparent-header; else null. */
export function traceIdOf({ traceparent }: Headers): string | null {
  if (typeof traceparent !== 'string') return null
  const [, version, traceId, rest] = trace.exec(traceparent) ?? []
  // Version 00 ends after the flags; later versions may go on.
  return version === '00' && rest !== undefined ? null : (traceId ?? null)
}

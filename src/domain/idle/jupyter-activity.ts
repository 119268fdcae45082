import { z } from 'zod'

/** A Jupyter server's report of its use. Times are by its own clock: milliseconds since the epoch. */
export type ServerLook = {
  /** Whether a kernel computes. */
  busy: boolean
  /** When a kernel or a terminal was active last; null if the server has neither. */
  lastActivity: number | null
  serverNow: number
  /** How many changes of files it has served since its start; null if it does not tell. */
  saves: number | null
}

/** An answer of the server: its status, its body, and its `Date` header. */
export type ServerAnswer = { status: number; body: string; date: string | null }

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const kernel = z.object({ execution_state: z.string(), last_activity: time })
const terminal = z.object({ last_activity: time })

export type Kernel = z.infer<typeof kernel>
export type Terminal = z.infer<typeof terminal>

/** The kernels in an answer to `api/kernels`; null if the answer has no valid list. */
export function kernelsIn({ status, body }: ServerAnswer): Kernel[] | null {
  return status === 200 ? listIn(body, kernel) : null
}

/** The same for `api/terminals`. A server without terminals answers 404. */
export function terminalsIn({ status, body }: ServerAnswer): Terminal[] | null {
  return status === 404 ? [] : listIn(body, terminal)
}

/**
 * Makes one report of a server's kernels, its terminals, the `Date` of its answer and its `metrics`. Null if the `Date`
 * cannot be read. docs/idleness.md says what moves each of them, and why the service does not ask for `api/status`.
 */
export function serverLook(told: {
  kernels: Kernel[]
  terminals: Terminal[]
  date: string | null
  metrics: ServerAnswer | null
}): ServerLook | null {
  const { kernels, terminals, date, metrics } = told
  const serverNow = Date.parse(date ?? '')
  if (Number.isNaN(serverNow)) return null
  const acts = [...kernels, ...terminals].map(({ last_activity }) => last_activity)
  return {
    // A kernel that no client has joined stays `starting` all its life: that state alone is no sign of use.
    busy: kernels.some(({ execution_state }) => execution_state === 'busy'),
    lastActivity: acts.length > 0 ? Math.max(...acts) : null,
    serverNow,
    saves: metrics?.status === 200 ? savesIn(metrics.body) : null,
  }
}

/** Stops at the first invalid entry: a list of all mistakes would take longer than the look itself. */
function listIn<T>(body: string, item: z.ZodType<T>): T[] | null {
  const list = arrayIn(body)
  if (!list) return null
  const items: T[] = []
  for (const each of list) {
    const { success, data } = item.safeParse(each)
    if (!success) return null
    items.push(data)
  }
  return items
}

function arrayIn(body: string): unknown[] | null {
  try {
    const list: unknown = JSON.parse(body)
    return Array.isArray(list) ? list : null
  } catch {
    return null
  }
}

const served =
  /^http_request_duration_seconds_count\{handler="jupyter_server\.services\.contents\.handlers\.ContentsHandler",method="(?:PUT|POST|PATCH|DELETE)",status_code="2\d\d"\} (\d+(?:\.\d+)?)$/gm

/** How many files the server has saved, made, renamed or removed, by its own Prometheus metrics. */
function savesIn(metrics: string): number {
  let saves = 0
  for (const [, count] of metrics.matchAll(served)) saves += Number(count)
  return saves
}

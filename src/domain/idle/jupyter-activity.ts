import { z } from 'zod'

/** What a Jupyter server tells of its use. Times are its own clock's: milliseconds since the epoch. */
export type ServerLook = {
  /** A kernel computes. */
  busy: boolean
  /** The last act of a kernel or a terminal; null where there is neither. */
  lastActivity: number | null
  serverNow: number
  /** How many writes of files it has served since its start; null where it does not tell. */
  saves: number | null
}

/** An answer of the server: its body, and its `Date` header. */
export type ServerAnswer = { status: number; body: string; date: string | null }

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const kernel = z.object({ execution_state: z.string(), last_activity: time })
const terminal = z.object({ last_activity: time })

export type Kernel = z.infer<typeof kernel>
export type Terminal = z.infer<typeof terminal>

/** The kernels in an answer to `api/kernels`; null where it tells of none. */
export function kernelsIn({ status, body }: ServerAnswer): Kernel[] | null {
  return status === 200 ? listIn(body, kernel) : null
}

/** The same of `api/terminals`. A server without terminals has no such path. */
export function terminalsIn({ status, body }: ServerAnswer): Terminal[] | null {
  return status === 404 ? [] : listIn(body, terminal)
}

/**
 * What a server tells with its kernels, its terminals, the `Date` of its answer and its `metrics`. Null where it has no
 * time. docs/idleness.md has what moves these, and why `api/status` is not asked.
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
    // A kernel that no client has joined is `starting` for as long as it lives: that alone is no use.
    busy: kernels.some(({ execution_state }) => execution_state === 'busy'),
    lastActivity: acts.length > 0 ? Math.max(...acts) : null,
    serverNow,
    saves: metrics?.status === 200 ? savesIn(metrics.body) : null,
  }
}

/** Reads no further than the first that is none: a list of mistakes would take longer than the look itself. */
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

/** How many files were saved, made, renamed or removed through the server, by its own Prometheus metrics. */
function savesIn(metrics: string): number {
  let saves = 0
  for (const [, count] of metrics.matchAll(served)) saves += Number(count)
  return saves
}

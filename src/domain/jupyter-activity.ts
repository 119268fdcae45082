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
const kernels = z.array(z.object({ execution_state: z.string(), last_activity: time }))
const terminals = z.array(z.object({ last_activity: time }))

/**
 * Reads what a server answers to `api/kernels`, `api/terminals` and `metrics`. Null where it cannot be told whether
 * the environment is in use. docs/idleness.md has what moves these, and why `api/status` is not asked.
 */
export function readServerLook(answers: {
  kernels: ServerAnswer
  terminals: ServerAnswer
  metrics: ServerAnswer | null
}): ServerLook | null {
  const running = answers.kernels.status === 200 ? parsed(kernels, answers.kernels.body) : null
  // A server without terminals has no such path.
  const open = answers.terminals.status === 404 ? [] : parsed(terminals, answers.terminals.body)
  const serverNow = Date.parse(answers.kernels.date ?? '')
  if (!running || !open || Number.isNaN(serverNow)) return null
  const acts = [...running, ...open].map(({ last_activity }) => last_activity)
  return {
    // A kernel that no client has joined is `starting` for as long as it lives: that alone is no use.
    busy: running.some(({ execution_state }) => execution_state === 'busy'),
    lastActivity: acts.length > 0 ? Math.max(...acts) : null,
    serverNow,
    saves: answers.metrics?.status === 200 ? savesIn(answers.metrics.body) : null,
  }
}

function parsed<T>(schema: z.ZodType<T>, body: string): T | null {
  try {
    return schema.safeParse(JSON.parse(body)).data ?? null
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

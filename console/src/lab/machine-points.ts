import type { Machine } from '../api/bodies.ts'

type Sample = Machine['items'][number]

/** One point of the plots. While the service was away, only the time is known. */
export type Point = {
  at: number
  memory: number | null
  cpu: number | null
  disk: number | null
  running: number | null
  waiting: number | null
}

const nothing = { memory: null, cpu: null, disk: null, running: null, waiting: null }

// The next sample may be late by one.
const lateSamples = 2

/** The time of the newest sample, if it is too old to count as now. Pure. */
export function lastSeen(
  { items, every_seconds }: Pick<Machine, 'items' | 'every_seconds'>,
  nowMs: number,
): string | null {
  const at = items.at(-1)?.at ?? null
  return at !== null && nowMs - Date.parse(at) > lateSamples * every_seconds * 1_000 ? at : null
}

/** The samples as points, with an empty point in each time without samples: a gap, and no line across it. Pure. */
export function pointsOf({ items, every_seconds }: Pick<Machine, 'items' | 'every_seconds'>): Point[] {
  const longest = every_seconds * 1_500
  return items.flatMap((sample, index) => {
    const point = pointOf(sample)
    const before = items[index - 1]
    const from = before ? Date.parse(before.at) : point.at
    return point.at - from > longest ? [{ ...nothing, at: from + every_seconds * 1_000 }, point] : [point]
  })
}

function pointOf(sample: Sample): Point {
  return {
    at: Date.parse(sample.at),
    memory: sample.memory_used_bytes,
    cpu: sample.cpu_percent,
    disk: sample.disk_used_bytes,
    running: sample.environments_running,
    waiting: sample.environments_waiting,
  }
}

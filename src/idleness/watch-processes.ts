import { type CpuReading, computed } from '../domain/idle/cpu.ts'
import type { ServerLook } from '../domain/idle/jupyter-activity.ts'
import type { Clock } from '../ports/clock.ts'

/** The CPU time in milliseconds of a container's processes so far; null if it is not up. */
export type CpuTime = (id: string, options: { signal: AbortSignal }) => Promise<number | null>

/** `look` is null without two readings to compare. If the call to the engine failed, `cpu` is the reading before it. */
export type Watched = { look: ServerLook | null; cpu: CpuReading | null; hasFailed: boolean }

/** Whether an environment's processes compute. It tells nothing of what people do. */
export async function watchProcesses(
  { id, cores }: { id: string; cores: number },
  before: CpuReading | null,
  { cpuTimeMs, clock, signal }: { cpuTimeMs: CpuTime; clock: Pick<Clock, 'now' | 'steady'>; signal: AbortSignal },
): Promise<Watched> {
  const answer = await cpuTimeMs(id, { signal }).then(
    (usedMs) => ({ usedMs }),
    () => null,
  )
  if (answer === null) return { look: null, cpu: before, hasFailed: true }
  const { usedMs } = answer
  if (usedMs === null) return { look: null, cpu: null, hasFailed: false } // it has ended meanwhile
  const cpu = { usedMs, at: clock.steady() }
  const busy = computed(before, cpu, cores)
  const look = busy === null ? null : { busy, lastActivity: null, serverNow: clock.now(), saves: null }
  return { look, cpu, hasFailed: false }
}

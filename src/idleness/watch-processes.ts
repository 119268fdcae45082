import { type CpuReading, computed } from '../domain/idle/cpu.ts'
import type { ServerLook } from '../domain/idle/jupyter-activity.ts'
import type { Clock } from '../ports/clock.ts'

/** The CPU time in milliseconds of a container's processes so far; null if it is not up. */
export type CpuTime = (id: string, options: { signal: AbortSignal }) => Promise<number | null>

/**
 * Whether an environment's processes compute. `look` is null if the engine gives no figure, and at the first look. If the
 * environment's server does not report its use, people's own use is in its record, where the gateway writes it.
 */
export async function watchProcesses(
  id: string,
  before: CpuReading | null,
  { cpuTimeMs, clock, signal }: { cpuTimeMs: CpuTime; clock: Pick<Clock, 'now' | 'steady'>; signal: AbortSignal },
): Promise<{ look: ServerLook | null; cpu: CpuReading | null }> {
  const usedMs = await cpuTimeMs(id, { signal }).catch(() => null)
  if (usedMs === null) return { look: null, cpu: null }
  const cpu = { usedMs, at: clock.steady() }
  const busy = computed(before, cpu)
  const look = busy === null ? null : { busy, lastActivity: null, serverNow: clock.now(), saves: null }
  return { look, cpu }
}

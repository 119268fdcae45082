import type { Status } from '../domain/environment/environment.ts'
import { type Amount, type CpuTimes, cpuPercent, keptMs, sampleEveryMs } from '../domain/machine.ts'
import { isUnwritable } from '../domain/problem.ts'
import type { Room } from '../domain/room.ts'
import type { Clock } from '../ports/clock.ts'
import type { MachineStore } from '../ports/machine-store.ts'

// The first sample shows soon after a start that the service measures.
const firstAfterMs = 2_000

export type Measured = { cpu: CpuTimes; memory: Amount }

/**
 * Measures the machine each minute, and records it, until the signal aborts. A minute without the service has no sample. While the
 * disk takes no write, the samples are missing too: health tells of it.
 */
export async function keepSampling(
  {
    measure,
    room,
    census,
    store,
    clock,
    onError,
  }: {
    measure: () => Promise<Measured>
    /** The room on the disk of the data root. */
    room: () => Promise<Room>
    census: () => Record<Status, number>
    store: MachineStore
    clock: Clock
    onError: (error: unknown) => void
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let before: CpuTimes | null = null
  while (!signal.aborted) {
    const begins = before === null
    try {
      before = before ? await sample(before) : (await measure()).cpu
    } catch (error) {
      if (!isUnwritable(error)) onError(error)
    }
    const isFirstNext = begins && before !== null
    await clock.sleep(isFirstNext ? firstAfterMs : sampleEveryMs - (clock.now() % sampleEveryMs), { signal })
  }

  async function sample(last: CpuTimes): Promise<CpuTimes> {
    const [{ cpu, memory }, disk] = await Promise.all([measure(), room().catch(() => null)])
    const now = clock.now()
    const counts = census()
    await store.record(
      {
        at: now - (now % sampleEveryMs),
        memory,
        cpuPercent: cpuPercent(last, cpu),
        disk: disk && { usedBytes: disk.totalBytes - disk.freeBytes, totalBytes: disk.totalBytes },
        running: counts.running,
        waiting: counts.pending,
      },
      { keepFrom: now - keptMs },
    )
    return cpu
  }
}

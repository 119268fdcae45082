/** The CPU time of all processes of an environment so far, and when it was read, by the steady clock. In milliseconds. */
export type CpuReading = { usedMs: number; at: number }

// Of one core. code-server that nobody uses takes 0.02 of one.
const computingFrom = 0.1

/** Whether an environment that may use so many cores computed between two readings; null if that cannot be told. Pure. */
export function computed(before: CpuReading | null, now: CpuReading, cores: number): boolean | null {
  // With less than before, another run has begun.
  if (!before || now.usedMs < before.usedMs || now.at <= before.at) return null
  return (now.usedMs - before.usedMs) / (now.at - before.at) >= Math.min(computingFrom, cores / 2)
}

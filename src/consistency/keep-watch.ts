import type { Clock } from '../ports/clock.ts'
import type { HealthMonitor } from './health.ts'

const checkEveryMs = 5_000

/** Measures health, and with it the proof, until the signal aborts. */
export async function keepWatch(
  { health, clock }: { health: HealthMonitor; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await health.measure()
    await clock.sleep(checkEveryMs, { signal })
  }
}

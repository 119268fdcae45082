import { Problem, type ProblemCode } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { Examiner } from './examine.ts'
import type { HealthMonitor } from './health.ts'

const checkEveryMs = 5_000
// The health check already reports an engine that is away, or that has no room to look with.
const toldByHealth = new Set<ProblemCode>(['engine-unavailable', 'no-room'])

/** Measures health, and with it the proof of the data root, until the signal aborts. */
export async function keepWatch(
  { health, clock }: { health: HealthMonitor; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await health.measure()
    await clock.sleep(checkEveryMs, { signal })
  }
}

/**
 * Examines everything, every `everyMs`, until the signal aborts. If the data root is proven, `remember` has the engine
 * keep its witness, because people prune volumes.
 */
export async function keepExamining(
  deps: {
    examiner: Examiner
    remember: () => Promise<void>
    everyMs: number
    clock: Clock
    onError: (error: unknown) => void
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { examiner, remember, everyMs, clock, onError } = deps
  while (!signal.aborted) {
    try {
      const { root } = await examiner.examine()
      if (root.status === 'proven') await remember()
    } catch (error) {
      if (!(error instanceof Problem && toldByHealth.has(error.code))) onError(error)
    }
    await clock.sleep(everyMs, { signal })
  }
}

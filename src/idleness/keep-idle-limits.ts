import type { Clock } from '../ports/clock.ts'
import type { Idleness } from './idleness.ts'

/** Looks at all environments, every `everyMs`, until the signal aborts. */
export async function keepIdleLimits(
  deps: { idleness: Idleness; everyMs: number; clock: Clock; onError: (error: unknown) => void },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { idleness, everyMs, clock, onError } = deps
  while (!signal.aborted) {
    await clock.sleep(everyMs, { signal })
    if (!signal.aborted) await idleness.round({ signal }).catch(onError)
  }
}

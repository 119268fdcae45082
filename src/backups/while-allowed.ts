import type { Clock } from '../ports/clock.ts'

const everyMs = 1_000

/**
 * Does long work as long as it is allowed: asks before the work begins and once a second, and ends it with what `requireAllowed` throws.
 */
export async function whileAllowed<T>(
  requireAllowed: () => Promise<void>,
  work: (options: { signal: AbortSignal }) => Promise<T>,
  { signal, clock }: { signal: AbortSignal; clock: Pick<Clock, 'sleep'> },
): Promise<T> {
  await requireAllowed()
  const denied = new AbortController()
  const over = new AbortController()
  const keepAsking = async () => {
    for (;;) {
      await clock.sleep(everyMs, { signal: over.signal })
      if (over.signal.aborted) return
      await requireAllowed()
    }
  }
  keepAsking().catch((error: unknown) => denied.abort(error))
  try {
    return await work({ signal: AbortSignal.any([signal, denied.signal]) })
  } finally {
    over.abort()
  }
}

import { Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'

const everyMs = 1_000
const failuresInARow = 10

/**
 * Does long work as long as it is allowed: asks before the work begins and once a second, and ends it with the Problem that `requireAllowed`
 * throws. A question that fails otherwise is asked again, ten times in a row: a database may be away for some seconds.
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
    for (let failures = 0; ; ) {
      await clock.sleep(everyMs, { signal: over.signal })
      if (over.signal.aborted) return
      try {
        await requireAllowed()
        failures = 0
      } catch (error) {
        failures += 1
        if (error instanceof Problem || failures === failuresInARow) throw error
      }
    }
  }
  keepAsking().catch((error: unknown) => denied.abort(error))
  try {
    return await work({ signal: AbortSignal.any([signal, denied.signal]) })
  } finally {
    over.abort()
  }
}

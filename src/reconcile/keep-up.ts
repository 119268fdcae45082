import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { Reconciler } from './reconciler.ts'

const sweepEveryMs = 30_000
const askAgainEveryMs = 5_000
const reconnectAfterMs = 1_000

/**
 * Follows the engine until the signal aborts. Each of its events is a hint for one environment. Events may get lost, so
 * the service also looks at all environments every 30 s, and whenever the event stream begins anew. While the engine
 * owes an answer about any of them, the service asks every 5 s: a call that failed once brings no event.
 */
export async function keepUp(
  {
    engine,
    reconciler,
    clock,
    onError,
  }: {
    engine: Pick<Engine, 'events'>
    reconciler: Pick<Reconciler, 'sweep' | 'wake' | 'ranOutOfMemory' | 'census'>
    clock: Pick<Clock, 'steady' | 'sleep'>
    onError: (error: unknown) => void
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const sweep = () => reconciler.sweep().catch(onError)

  async function listen(): Promise<void> {
    try {
      for await (const { environmentId, action, at } of engine.events({ signal })) {
        if (action === 'oom') reconciler.ranOutOfMemory(environmentId, at)
        else reconciler.wake(environmentId)
      }
    } catch {
      // The engine is away. The health check says so; here it is only a reason to try again.
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      await Promise.all([listen(), sweep()])
      if (signal.aborted) return
      await sweep() // so that people see at once that the engine is away
      await clock.sleep(reconnectAfterMs, { signal })
    }
  }

  async function sweepRegularly(): Promise<void> {
    for (let sweptAt = clock.steady(); ; ) {
      await clock.sleep(askAgainEveryMs, { signal })
      if (signal.aborted) return
      if (clock.steady() - sweptAt < sweepEveryMs && reconciler.census().unknown === 0) continue
      sweptAt = clock.steady()
      await sweep()
    }
  }

  await Promise.all([follow(), sweepRegularly()])
}

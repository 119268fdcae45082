import type { Status } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import type { ContainerStats, Engine, LogLine } from '../ports/engine.ts'
import type { Find, Found } from './find.ts'

const settled: ReadonlySet<Status> = new Set(['running', 'failed', 'exited', 'paused'])

export type Watch = {
  /** Waits until the environment runs, or has failed or ended, at most `limitMs`; gives it as it is then. */
  untilSettled(caller: Caller, id: string, options: { limitMs: number; signal: AbortSignal }): Promise<Found>
  logs(caller: Caller, id: string, tail: number): Promise<LogLine[]>
  followLogs(
    caller: Caller,
    id: string,
    tail: number,
    options: { signal: AbortSignal },
  ): Promise<AsyncIterable<LogLine>>
  /** @throws Problem wrong-state when it does not run */
  stats(caller: Caller, id: string): Promise<ContainerStats>
}

export function createWatch(deps: {
  find: Find
  engine: Engine
  change: (id: string, options: { signal: AbortSignal }) => Promise<void>
}): Watch {
  const { find, engine, change } = deps
  return {
    async untilSettled(caller, id, { limitMs, signal }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
      for (;;) {
        const changed = change(id, { signal: limit })
        const found = await find.one(caller, id)
        if (limit.aborted || settled.has(found.status)) return found
        await changed
      }
    },

    async logs(caller, id, tail) {
      await find.one(caller, id)
      return engine.logs(id, tail)
    },

    async followLogs(caller, id, tail, options) {
      await find.one(caller, id)
      return engine.followLogs(id, tail, options)
    },

    async stats(caller, id) {
      const { status } = await find.one(caller, id)
      const stats = await engine.stats(id)
      if (stats) return stats
      throw new Problem('wrong-state', `It is ${status}: there is nothing to measure.`)
    },
  }
}

import type { Status } from '../domain/environment/environment.ts'
import { transitionOf } from '../domain/environment/transition.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import { Pace } from '../lib/pace.ts'
import { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import type { ContainerStats, Engine, LogLine, LogTail } from '../ports/engine.ts'
import type { Find, Found } from './find.ts'

// Limits for all people together: the engine must have time left to start environments.
const logsAtOnce = 2
const measuresAtOnce = 4

type Options = { signal: AbortSignal }

export type Watch = {
  /** Waits until nothing is under way on the environment, at most `limitMs`; gives it as it is then. */
  untilSettled(caller: Caller, id: string, options: Options & { limitMs: number }): Promise<Found>
  /** Waits until the environment runs, at most `limitMs`; gives it as it is then. */
  untilRunning(caller: Caller, id: string, options: Options & { limitMs: number }): Promise<Found>
  /** @throws Problem wrong-state when it is being deleted */
  logs(caller: Caller, id: string, tail: number, options: Options): Promise<LogLine[]>
  /** @throws Problem wrong-state when it is being deleted */
  followLogs(caller: Caller, id: string, tail: number, options: Options): Promise<AsyncIterable<LogLine>>
  /** @throws Problem wrong-state when it is not up */
  stats(caller: Caller, id: string, options: Options): Promise<ContainerStats>
}

export function createWatch(deps: {
  find: Find
  engine: Engine
  change: (id: string, options: Options) => Promise<void>
  clock: Clock
}): Watch {
  const { find, engine, change, clock } = deps
  const readingPace = new Pace(clock)
  const readingTurns = new Turns(logsAtOnce)
  const measuringTurns = new Turns(measuresAtOnce)

  async function requireLog(caller: Caller, id: string): Promise<void> {
    const { environment } = await find.one(caller, id)
    if (environment.desired === 'gone') throw new Problem('wrong-state', 'It is being deleted: its log goes with it.')
  }

  async function read(caller: Caller, id: string, tail: number, options: Options): Promise<LogTail> {
    await requireLog(caller, id)
    const readInTurn = async () => {
      using _turn = await readingTurns.acquire(id, { ...options, group: caller.userId })
      return await engine.logs(id, tail, options)
    }
    const found = await readingPace.run(caller.userId, readInTurn, options)
    if (!found) await requireLog(caller, id) // it may have been deleted since the first look
    return found ?? nothing
  }

  const until = (isOver: (found: Found) => boolean): Watch['untilSettled'] => {
    return async (caller, id, { limitMs, signal }) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
      for (;;) {
        const changed = change(id, { signal: limit })
        const found = await find.one(caller, id)
        if (limit.aborted || isOver(found)) return found
        await changed
      }
    }
  }

  return {
    untilSettled: until(({ environment, runtime }) => transitionOf(environment, runtime) === null),
    untilRunning: until(({ status }) => status === 'running'),

    async logs(caller, id, tail, options) {
      return (await read(caller, id, tail, options)).lines
    },

    async followLogs(caller, id, tail, options) {
      // Measure a long log in a turn first, so that following it costs the engine no more than reading it.
      const { lines, isCut } = await read(caller, id, tail, options).catch(nothingOnceAborted(options.signal))
      return engine.followLogs(id, isCut ? lines.length : tail, options)
    },

    async stats(caller, id, options) {
      await find.one(caller, id)
      using _turn = await measuringTurns.acquire(id, { ...options, group: caller.userId })
      const stats = await engine.stats(id, options)
      if (stats) return stats
      const { status } = await find.one(caller, id)
      throw new Problem(
        'wrong-state',
        `${isUp(status) ? 'It has just ended' : `It is ${status}`}: there is nothing to measure.`,
      )
    },
  }
}

const nothing: LogTail = { lines: [], isCut: false }

/** If the signal aborts before a stream begins, the stream ends as one that has begun. */
function nothingOnceAborted(signal: AbortSignal): (error: unknown) => LogTail {
  return (error) => {
    if (!signal.aborted) throw error
    return nothing
  }
}

/** As far as the service knows: the engine may know better by now. */
function isUp(status: Status): boolean {
  return status === 'running' || status === 'paused'
}

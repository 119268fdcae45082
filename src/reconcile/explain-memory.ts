import type { Environment } from '../domain/environment/environment.ts'
import { killedWords, type MemoryKill, type MemoryLimit } from '../domain/environment/out-of-memory.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { ProgressLog } from './progress-log.ts'
import type { Track } from './task.ts'
import { unlessUnwritable } from './unless-unwritable.ts'

/** Finds the memory that an environment may use. */
export type MemoryLimitOf = (environment: Environment) => Promise<MemoryLimit>

/** Memory ran out in an environment. */
export type MemoryLog = { outOfMemory(id: string, kill: MemoryKill): void }

// A program may start again each time that it is killed: one report in so long is enough.
const reportsEveryMs = 10_000

/** Whether memory that ran out at that time is reported: the first time in a run of the container always is. */
export function isReportDue({ memoryRanOutAt, seen }: Pick<Track, 'memoryRanOutAt' | 'seen'>, at: number): boolean {
  if (memoryRanOutAt === null) return true
  // A container without a start time is on its way to another run.
  const isOfEarlierRun =
    seen?.observation.kind === 'container' && memoryRanOutAt < (seen.observation.startedAt ?? Number.POSITIVE_INFINITY)
  // The engine's clock may have been set back since.
  return isOfEarlierRun || Math.abs(at - memoryRanOutAt) >= reportsEveryMs
}

/**
 * After a look at a container: reports that memory ran out in it, once for each report of the engine. The record keeps the
 * time, since the engine forgets it.
 */
export function createExplainMemory({
  store,
  memoryLimit,
  log,
  progress,
}: {
  store: Pick<EnvironmentStore, 'change'>
  memoryLimit: MemoryLimitOf
  log: MemoryLog
  progress: Pick<ProgressLog, 'notify'>
}): (environment: Environment, track: Track) => Promise<void> {
  async function report(id: string, kill: MemoryKill): Promise<void> {
    log.outOfMemory(id, kill)
    progress.notify(id, { kind: 'out-of-memory', ...kill })
    await unlessUnwritable(store.change(id, { outOfMemoryAt: kill.at })) // then only a restart of the service forgets it
  }

  return async (environment, track) => {
    const { id, outOfMemoryAt: recordedAt } = environment
    const container = track.seen?.observation
    const at = track.memoryRanOutAt ?? recordedAt
    if (container?.kind !== 'container' || container.startedAt === null || at === null) return
    if (at < container.startedAt || at === track.outOfMemory?.at) return
    const limit = await memoryLimit(environment)
    const reason = killedWords(at, limit)
    track.outOfMemory = { startedAt: container.startedAt, at, words: reason }
    if (at !== recordedAt) await report(id, { at, limitBytes: limit.bytes, reason })
  }
}

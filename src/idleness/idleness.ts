/**
 * Pauses and stops unused environments, and stops any environment that reaches its longest run. Warns before each.
 *
 * INVARIANTS
 * - Like a door, it only changes what is desired. The reconciler does the rest.
 * - A request of a person cancels a pause or stop for idleness. Only the end of the run itself cancels that of the longest run.
 * - While an environment's use is unknown, it does nothing.
 * - A restart of the service loses only the warnings, and they are given again: the servers know their activity, and the
 *   record keeps the last of it.
 */
import type { Environment } from '../domain/environment/environment.ts'
import { isUp } from '../domain/environment/plan.ts'
import type { Warning } from '../domain/environment/progress.ts'
import type { Runtime } from '../domain/environment/status.ts'
import { actionOf, type Cause, decideIdle, type IdleLimits, type Verdict } from '../domain/idle/idle.ts'
import { stateAfter, warningWords } from '../domain/idle/idle-words.ts'
import { eachOf } from '../lib/each-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { GetText } from './ask-server.ts'
import { look, type UseTrack } from './look.ts'
import { type Up, upOf } from './up.ts'
import type { CpuTime } from './watch-processes.ts'

export type IdlenessLog = {
  acts(id: string, cause: Cause): void
  /** Called once when an environment's use becomes unknown, and again only after it was known in between. */
  unknown(id: string): void
  broken(id: string, error: unknown): void
}

export type Idleness = {
  /** Looks at all environments once. */
  round(options: { signal: AbortSignal }): Promise<void>
}

const looksAtOnce = 16
const writeEveryMs = 60_000
// The server gives its time in whole seconds: a smaller difference means nothing.
const newsMs = 1_000

export function createIdleness(deps: {
  store: Pick<EnvironmentStore, 'get' | 'pages' | 'change'>
  runtime: (id: string) => Runtime
  limitsOf: (environment: Environment) => Promise<IdleLimits>
  getText: GetText
  cpuTimeMs: CpuTime
  redirect: (id: string) => void
  /** Makes the reconciler look closely: a list of containers does not say since when each one runs. */
  wake: (id: string) => void
  notify: (id: string, warning: Warning) => void
  clock: Pick<Clock, 'now' | 'steady'>
  log: IdlenessLog
}): Idleness {
  const { store, runtime, limitsOf, redirect, wake, notify, clock, log } = deps
  let tracks = new Map<string, UseTrack>()

  async function visit(up: Up, seen: Map<string, UseTrack>, signal: AbortSignal): Promise<void> {
    const { environment, state } = up
    const { id } = environment
    const before = tracks.get(id) ?? null
    const { track, use } = await look(up, before, { ...deps, signal })
    signal.throwIfAborted() // an aborted look proves nothing
    seen.set(id, track)
    if (track.isUnknown && !before?.isUnknown) log.unknown(id)
    if (track.startedAt === null) wake(id)
    const limits = await limitsOf(environment)
    const now = clock.steady()
    const verdict = decideIdle({ ...track, now, state, use }, limits)
    track.warned = verdict.warned
    warn(id, verdict.warnings, limits, now)
    if (verdict.act) await act(up, verdict.act, limits, track)
    else await remember(environment, track)
  }

  /**
   * A pause or a resume that is under way does not end the run, so the warning of its end holds. The container may stand still
   * meanwhile, so the next reading of its processes is a first one.
   */
  function keep(id: string, seen: Map<string, UseTrack>): void {
    const track = tracks.get(id)
    const container = runtime(id).seen?.observation
    const goesOn = container?.kind === 'container' && isUp(container) && container.startedAt !== null
    if (track && goesOn && track.run === container.startedAt) seen.set(id, { ...track, cpu: null })
  }

  function warn(id: string, warnings: Verdict['warnings'], limits: IdleLimits, now: number): void {
    for (const { cause, dueAt } of warnings) {
      const leftMs = Math.round(dueAt - now)
      const reason = warningWords(cause, limits[cause] ?? 0, leftMs)
      const givenAt = clock.now()
      notify(id, { kind: 'warning', cause, action: actionOf[cause], at: givenAt + leftMs, givenAt, reason })
    }
  }

  async function act(up: Up, cause: Cause, limits: IdleLimits, track: UseTrack): Promise<void> {
    const { id } = up.environment
    const environment = cause === 'max-runtime' ? await recordOfRun(up) : up.environment
    if (!environment) return
    const isUsedSince = environment.lastActivityAt !== up.environment.lastActivityAt
    const lastActivityAt = isUsedSince ? environment.lastActivityAt : activityOf(environment, track)
    const idleAction = { cause, afterMs: limits[cause] ?? 0, at: clock.now() }
    const change = { desired: stateAfter(cause), failure: null, lastActivityAt, idleAction }
    if (!(await store.change(id, change, { as: environment }))) return
    track.recordedAt = lastActivityAt
    log.acts(id, cause)
    redirect(id)
  }

  /** Reads the record again: a request during the look must not put off the stop. Null if the run is over or about to end. */
  async function recordOfRun({ environment: { id }, container: run }: Up): Promise<Environment | null> {
    const record = await store.get(id)
    const now = record && upOf(record, runtime(id))
    const isSameRun = now?.container.containerId === run.containerId && now.container.startedAt === run.startedAt
    return isSameRun ? now.environment : null
  }

  async function remember(environment: Environment, track: UseTrack): Promise<void> {
    const lastActivityAt = activityOf(environment, track)
    if (lastActivityAt === environment.lastActivityAt || clock.steady() - track.writtenAt < writeEveryMs) return
    track.writtenAt = clock.steady()
    if (await store.change(environment.id, { lastActivityAt }, { as: environment })) track.recordedAt = lastActivityAt
  }

  /** By the time of day, as in records. The recorded time stays unless there was newer activity. */
  function activityOf({ lastActivityAt }: Environment, { activeAt }: UseTrack): number {
    const seenAt = Math.round(clock.now() - (clock.steady() - activeAt))
    return lastActivityAt !== null && Math.abs(seenAt - lastActivityAt) < newsMs ? lastActivityAt : seenAt
  }

  return {
    async round({ signal }) {
      const seen = new Map<string, UseTrack>()
      for await (const page of store.pages()) {
        await eachOf(page, looksAtOnce, async (environment) => {
          const { id } = environment
          const up = upOf(environment, runtime(id))
          if (signal.aborted) return
          if (!up) return keep(id, seen)
          await visit(up, seen, signal).catch((error: unknown) => {
            if (!signal.aborted) log.broken(id, error)
          })
        })
      }
      tracks = seen
    },
  }
}

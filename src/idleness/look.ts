import type { CpuReading } from '../domain/idle/cpu.ts'
import type { IdleView, Warned } from '../domain/idle/idle.ts'
import type { ServerLook } from '../domain/idle/jupyter-activity.ts'
import { followUse, type Use } from '../domain/idle/use.ts'
import type { Clock } from '../ports/clock.ts'
import { askServer, type GetText } from './ask-server.ts'
import type { Up } from './up.ts'
import { type CpuTime, watchProcesses } from './watch-processes.ts'

/** What idleness remembers about one environment from round to round. */
export type UseTrack = Use & {
  warned: Warned
  /** When its record was last written, by the steady clock. */
  writtenAt: number
  /** Its server gave no usable answer, or the engine no figure. */
  isUnknown: boolean
  /** The last reading, if the service reads what the processes compute. */
  cpu: CpuReading | null
}

type LookUses = { getText: GetText; cpuTimeMs: CpuTime; clock: Pick<Clock, 'now' | 'steady'>; signal: AbortSignal }

/** Looks at one environment; `before` is null at the first look. */
export async function look(
  up: Up,
  before: UseTrack | null,
  uses: LookUses,
): Promise<{ track: UseTrack; use: IdleView['use'] }> {
  const { environment, container } = up
  const { clock } = uses
  const { server, use, cpu, isUnknown } = await lookInside(up, before, uses)
  const followed = followUse(before, {
    now: clock.steady(),
    today: clock.now(),
    startedAt: container.startedAt,
    recordedAt: environment.lastActivityAt,
    server,
  })
  return {
    track: {
      ...followed,
      warned: before?.warned ?? {},
      writtenAt: before?.writtenAt ?? Number.NEGATIVE_INFINITY,
      isUnknown,
      cpu,
    },
    use,
  }
}

type Inside = { server: ServerLook | null; use: IdleView['use']; cpu: CpuReading | null; isUnknown: boolean }

async function lookInside(
  { environment, container, state }: Up,
  before: UseTrack | null,
  uses: LookUses,
): Promise<Inside> {
  if (state !== 'running') return { server: null, use: 'unknown', cpu: null, isUnknown: false }
  const { id, launch, resources } = environment
  const watch = () => watchProcesses({ id, cores: resources.cpuCores }, before?.cpu ?? null, uses)
  if (launch.type !== 'jupyter') {
    const { look, cpu, hasFailed } = await watch()
    return { server: look, use: useIn(look), cpu, isUnknown: hasFailed }
  }
  // A Jupyter server can call a computing kernel idle (docs/idleness.md), so from a warning on the service watches its processes
  // too. It asks the server last: a reading takes up to a second, in which people may begin something.
  const isWarned = Object.keys(before?.warned ?? {}).length > 0
  const watched = isWarned ? await watch() : null
  const server = await askServer(environment, container.address, uses)
  const isUnknown = !server || watched?.hasFailed === true
  const cpu = watched?.cpu ?? null
  if (!server || server.busy || !watched) return { server, use: useIn(server), cpu, isUnknown }
  return { server: { ...server, busy: watched.look?.busy ?? false }, use: useIn(watched.look), cpu, isUnknown }
}

function useIn(look: ServerLook | null): IdleView['use'] {
  if (!look) return 'unknown'
  return look.busy ? 'busy' : 'idle'
}

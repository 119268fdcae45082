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
  /** Its server gave no usable answer. */
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
  const { environment, container, state } = up
  const { clock } = uses
  const { server, use, cpu } = await lookInside(up, before, uses)
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
      isUnknown: state === 'running' && environment.launch.type === 'jupyter' && !server,
      cpu,
    },
    use,
  }
}

type Inside = { server: ServerLook | null; use: IdleView['use']; cpu: CpuReading | null }

/** A Jupyter server can call a computing kernel idle (docs/idleness.md), so from the warning on its processes are watched too. */
async function lookInside(
  { environment, container, state }: Up,
  before: UseTrack | null,
  uses: LookUses,
): Promise<Inside> {
  if (state !== 'running') return { server: null, use: 'unknown', cpu: null }
  const watch = () => watchProcesses(environment.id, before?.cpu ?? null, uses)
  if (environment.launch.type !== 'jupyter') {
    const { look, cpu } = await watch()
    return { server: look, use: useIn(look), cpu }
  }
  const server = await askServer(environment, container.address, uses)
  const isWarned = Object.keys(before?.warned ?? {}).length > 0
  if (!server || server.busy || !isWarned) return { server, use: useIn(server), cpu: null }
  const { look, cpu } = await watch()
  return { server: { ...server, busy: look?.busy ?? false }, use: useIn(look), cpu }
}

function useIn(look: ServerLook | null): IdleView['use'] {
  if (!look) return 'unknown'
  return look.busy ? 'busy' : 'idle'
}

import type { CpuReading } from '../domain/idle/cpu.ts'
import type { IdleView, Warned } from '../domain/idle/idle.ts'
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
  /** The last reading, if its server does not report its use. */
  cpu: CpuReading | null
}

type LookUses = { getText: GetText; cpuTime: CpuTime; clock: Pick<Clock, 'now' | 'steady'>; signal: AbortSignal }

/** Looks at one environment; `before` is null at the first look. */
export async function look(
  up: Up,
  before: UseTrack | null,
  uses: LookUses,
): Promise<{ track: UseTrack; use: IdleView['use'] }> {
  const { environment, container, state } = up
  const { clock } = uses
  const { look: server, cpu } = await lookInside(up, before, uses)
  const use = followUse(before, {
    now: clock.steady(),
    today: clock.now(),
    startedAt: container.startedAt,
    recordedAt: environment.lastActivityAt,
    server,
  })
  return {
    track: {
      ...use,
      warned: before?.warned ?? {},
      writtenAt: before?.writtenAt ?? Number.NEGATIVE_INFINITY,
      isUnknown: state === 'running' && environment.launch.type === 'jupyter' && !server,
      cpu,
    },
    use: server ? (server.busy ? 'busy' : 'idle') : 'unknown',
  }
}

async function lookInside({ environment, container, state }: Up, before: UseTrack | null, uses: LookUses) {
  if (state !== 'running') return { look: null, cpu: null }
  if (environment.launch.type !== 'jupyter') return await watchProcesses(environment.id, before?.cpu ?? null, uses)
  return { look: await askServer(environment, container.address, uses), cpu: null }
}

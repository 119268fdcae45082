import type { IdleView, Warned } from '../domain/idle/idle.ts'
import { followUse, type Use } from '../domain/idle/use.ts'
import type { Clock } from '../ports/clock.ts'
import { askServer, type GetText } from './ask-server.ts'
import type { Up } from './up.ts'

/** What idleness remembers about one environment from round to round. */
export type UseTrack = Use & {
  warned: Warned
  /** When its record was last written, by the steady clock. */
  writtenAt: number
  /** Its server gave no usable answer. */
  isUnknown: boolean
}

/** Looks at one environment; `before` is null at the first look. */
export async function look(
  { environment, container, state }: Up,
  before: UseTrack | null,
  { getText, clock, signal }: { getText: GetText; clock: Pick<Clock, 'now' | 'steady'>; signal: AbortSignal },
): Promise<{ track: UseTrack; use: IdleView['use'] }> {
  const server = state === 'running' ? await askServer(environment, container.address, { getText, signal }) : null
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
    },
    use: server ? (server.busy ? 'busy' : 'idle') : 'unknown',
  }
}

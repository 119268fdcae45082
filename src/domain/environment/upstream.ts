import type { Address, Environment, Upstream } from './environment.ts'
import { isUp, restartDue, type Seen } from './plan.ts'

/** What to record after a look at the container. Pure. */
export function upstreamOf(recorded: Upstream | null, { observation, ready }: Seen): Upstream | null {
  if (observation.kind === 'unreachable') return recorded
  if (observation.kind !== 'container' || !isUp(observation)) return null
  const { containerId, startedAt, address } = observation
  if (startedAt === null || address === null) return null
  const isSameStart = recorded?.containerId === containerId && recorded.startedAt === startedAt
  return ready || isSameStart ? { ...address, containerId, startedAt } : null
}

export function isSameUpstream(one: Upstream | null, other: Upstream | null): boolean {
  if (one === null || other === null) return one === other
  const keys = ['host', 'port', 'containerId', 'startedAt'] as const
  return keys.every((key) => one[key] === other[key])
}

type Wanted = Pick<Environment, 'desired' | 'failure' | 'restartRequestedAt' | 'replaceContainer' | 'upstream'>

/** Where requests to an environment go; null while none may. Pure. */
export function wayTo(wanted: Wanted): Address | null {
  const { desired, failure, restartRequestedAt, replaceContainer, upstream } = wanted
  if (desired !== 'running' || failure || !upstream) return null
  const isToEnd = restartDue(restartRequestedAt, upstream) || replaceContainer === upstream.containerId
  return isToEnd ? null : upstream
}

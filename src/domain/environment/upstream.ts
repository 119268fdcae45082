import type { Address, Container, Environment, Upstream } from './environment.ts'
import { restartDue } from './plan.ts'

/** What to record of a container whose server has just answered. Pure. */
export function upstreamOf({ containerId, startedAt, address }: Container): Upstream | null {
  return address && startedAt !== null ? { ...address, containerId, startedAt } : null
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

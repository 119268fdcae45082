import type { Address, Container, Environment, Observation, Upstream } from './environment.ts'
import { isToEnd, isUp } from './plan.ts'

/** What to record of a container whose server has just answered. Pure. */
export function upstreamOf({ containerId, startedAt, address }: Container): Upstream | null {
  return address && startedAt !== null ? { ...address, containerId, startedAt } : null
}

export function isSameUpstream(one: Upstream | null, other: Upstream | null): boolean {
  if (one === null || other === null) return one === other
  const keys = ['host', 'port', 'containerId', 'startedAt'] as const
  return keys.every((key) => one[key] === other[key])
}

/** Whether nothing of that container and start answers any more. Its port may be another program's by now. Pure. */
export function isOver(upstream: Upstream, seen: Observation): boolean {
  switch (seen.kind) {
    case 'unreachable':
      return false
    case 'absent':
      return true
    case 'foreign':
      return isOver(upstream, seen.container)
    case 'container':
      return !isUp(seen) || !isSameUpstream(upstream, upstreamOf(seen))
  }
}

type Wanted = Pick<Environment, 'desired' | 'failure' | 'restartRequestedAt' | 'replaceContainer' | 'upstream'>

/** Where requests to an environment go; null while none may. Pure. */
export function wayTo(wanted: Wanted): Address | null {
  const { desired, failure, upstream } = wanted
  if (desired !== 'running' || failure || !upstream) return null
  return isToEnd(wanted, upstream) ? null : upstream
}

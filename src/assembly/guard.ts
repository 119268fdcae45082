/** Keeps environments away from the machine that they run on, if the service may do that. */
import { keepGuard } from '../guard/keep-guard.ts'
import { hostNetwork } from '../host/host-network.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import { guardLog } from './service-log.ts'

export function assembleGuard({ engine, isRealEngine, dataRoot, config, clock, logger }: Base): Capability {
  // The rules apply to this very machine only.
  if (!isRealEngine || !engine.sameMachine || process.getuid?.() !== 0) return {}
  const guard = { rootId: dataRoot.rootId, blocked: config.blockedNetworks }
  const log = guardLog(logger)
  return { work: (closing) => keepGuard({ engine, hostNetwork, guard, log, clock }, { signal: closing }) }
}

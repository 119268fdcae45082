import { type Guard, missingRules } from '../domain/network/guard-rules.ts'
import { isProblem } from '../domain/problem.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { HostNetwork } from '../ports/host-network.ts'

// A reboot or a reload of the firewall drops the rules. If somebody removes the network, it comes back without its settings.
const lookEveryMs = 30_000
const tryAgainAfterMs = 5_000

export type GuardLog = { guarded(bridge: string): void; unguarded(reason: string): void }

type Deps = {
  engine: Pick<Engine, 'bridge'>
  hostNetwork: HostNetwork
  guard: Omit<Guard, 'bridge'>
  log: GuardLog
  clock: Pick<Clock, 'sleep'>
}

/**
 * Keeps environments from the machine that they run on, and from networks that the administrator lists: checks the rules
 * and puts back missing ones, until the signal aborts. If it may not, it says so once and goes on trying: another program
 * may make the rules.
 */
export async function keepGuard(deps: Deps, { signal }: { signal: AbortSignal }): Promise<void> {
  const { log, clock } = deps
  let told = ''
  while (!signal.aborted) {
    const trouble = await ensureGuard(deps).catch((error: unknown) => error)
    // The health check reports an engine that is away.
    const reason = trouble && !isProblem(trouble, 'engine-unavailable') ? reasonOf(trouble) : ''
    if (reason !== '' && reason !== told) log.unguarded(reason)
    told = reason
    await clock.sleep(trouble ? tryAgainAfterMs : lookEveryMs, { signal })
  }
}

async function ensureGuard({ engine, hostNetwork, guard, log }: Deps): Promise<void> {
  const bridge = await engine.bridge()
  const missing = missingRules(await hostNetwork.rules(), { ...guard, bridge })
  if (missing !== null) {
    await hostNetwork.restore(missing)
    log.guarded(bridge)
  }
  // It makes starts quicker, and guards nothing. In most containers /proc/sys is read-only, for root too.
  await hostNetwork.askOften(bridge).catch(() => {})
}

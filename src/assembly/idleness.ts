/** Pauses and stops unused environments. */
import { idleLimitsOf, lookEveryMs } from '../domain/idle/idle-limits.ts'
import { createIdleness } from '../idleness/idleness.ts'
import { keepIdleLimits } from '../idleness/keep-idle-limits.ts'
import { getText } from '../lib/get-text.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'
import { idlenessLog, logIdleWarning } from './service-log.ts'

export function assembleIdleness(base: Base, { reconciler, progress }: EnvironmentsPart): Capability {
  const { engine, store, accounts, catalog, config, clock, logger, onError } = base
  const logWarning = logIdleWarning(logger)
  const idleness = createIdleness({
    store,
    runtime: reconciler.runtime,
    limitsOf: async ({ userId, template }) => {
      const tier = (await accounts.account(userId))?.tier ?? ''
      return idleLimitsOf({ template, tier }, catalog, config.idleLimits)
    },
    getText,
    cpuTimeMs: engine.cpuTimeMs,
    redirect: reconciler.redirect,
    wake: reconciler.wake,
    notify: (id, warning) => {
      logWarning(id, warning)
      progress.notify(id, warning)
    },
    clock,
    log: idlenessLog(logger),
  })
  const everyMs = lookEveryMs(catalog, config.idleLimits)
  return { work: (closing) => keepIdleLimits({ idleness, everyMs, clock, onError }, { signal: closing }) }
}

import type { Catalog } from '../environment/catalog.ts'
import type { IdleLimits } from './idle.ts'

// Look often enough to warn in time: a warning is due a fifth of the limit before the act, or five minutes if that is
// less.
const looksInALimit = 10
const looksAtLeastEveryMs = 60_000
const looksAtMostEveryMs = 250

/**
 * The limits of one environment today. The template's limit comes first, then the limit of its owner's tier, then the
 * configured one. If the catalogue no longer has the template or the tier, it sets no limit.
 */
export function idleLimitsOf(
  { template, tier }: { template: string; tier: string },
  catalog: Catalog,
  configured: IdleLimits,
): IdleLimits {
  const own = Object.hasOwn(catalog.templates, template) ? catalog.templates[template] : undefined
  const ofTier = Object.hasOwn(catalog.tiers, tier) ? catalog.tiers[tier] : undefined
  return {
    'idle-pause': firstGiven(own?.idle_pause_after, configured['idle-pause']),
    'idle-stop': firstGiven(own?.idle_stop_after, configured['idle-stop']),
    'max-runtime': firstGiven(own?.max_runtime, ofTier?.max_runtime, configured['max-runtime']),
  }
}

/** How often to look, for the shortest limit in the catalogue and the configuration. */
export function lookEveryMs(catalog: Catalog, configured: IdleLimits): number {
  const limits = [
    ...Object.values(configured),
    ...Object.values(catalog.templates).flatMap((each) => [
      each.idle_pause_after,
      each.idle_stop_after,
      each.max_runtime,
    ]),
    ...Object.values(catalog.tiers).map((each) => each.max_runtime),
  ]
  const shortest = Math.min(...limits.filter((limit) => typeof limit === 'number'))
  return Math.max(looksAtMostEveryMs, Math.min(looksAtLeastEveryMs, shortest / looksInALimit))
}

/** The first limit that is given. Null is given too: it means never. */
function firstGiven(...limits: (number | null | undefined)[]): number | null {
  return limits.find((limit) => limit !== undefined) ?? null
}

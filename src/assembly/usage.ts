/** The room that people's folders and shared/ take: counting, history, and the limits of tiers. */
import { createBtrfsQuotas } from '../disk/btrfs.ts'
import { createUsageCounter } from '../disk/usage-counter.ts'
import { ownUsageRoute, usageRoutes } from '../http/routes/usage.ts'
import type { Octets } from '../lib/octets.ts'
import { nextTime } from '../lib/schedule.ts'
import { createCounting } from '../usage/counting.ts'
import { keepCounting } from '../usage/keep-counting.ts'
import { createQuotas, keepQuotas } from '../usage/keep-quotas.ts'
import { createLedger } from '../usage/ledger.ts'
import { noteTrash } from '../usage/note-trash.ts'
import { createStandings, type Standings } from '../usage/standings.ts'
import { createUsage, type Usage } from '../usage/usage.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import { logCount, quotasLog, standingsLog } from './service-log.ts'

export type UsagePart = Capability & {
  usage: Usage
  standings: Standings
  /** Counts what has changed since the last count, or joins the count that is under way. */
  count: () => Promise<unknown>
  /** The newest figures of a place; null if it was not counted. */
  figuresOf: (path: Octets) => Promise<{ bytes: number; files: number } | null>
}

export function assembleUsage(base: Base): UsagePart {
  const {
    accounts,
    catalog,
    clock,
    closing,
    config,
    dataRoot,
    logger,
    metrics,
    onError,
    usageRecords: store,
    trashStore,
    trees,
  } = base
  const ledger = createLedger(store)
  const limitOf = (tier: string) => catalog.tiers[tier]?.storage ?? null
  const usage = createUsage({ ledger, store, accounts, trashOfPeople: trashStore.bytesOfPeople, limitOf, clock })
  const standings = createStandings(standingsLog(logger))
  const indexFile = `${dataRoot.path}/admin/usage-index.db`
  const quotas = createQuotas({
    quotas: createBtrfsQuotas(dataRoot.path),
    limits: usage.limits,
    isRoot: process.getuid?.() === 0,
    log: quotasLog(logger),
  })
  const counting = createCounting({
    counter: createUsageCounter({ root: dataRoot.path, indexFile }),
    ledger,
    store,
    stopSubvolumes: () => quotas.holding().by === 'quota',
    clock,
    closing,
    async onEnd(run, trash) {
      logCount(logger, run)
      if (trash) await noteTrash({ store: trashStore, bytesInTrash: trees.bytesInTrash }, trash, run.startedAt)
      await look()
    },
  })

  async function look(): Promise<void> {
    const all = await usage.all()
    standings.note(all)
    metrics.usage.counted(all)
  }

  metrics.usage.show({ last: counting.last, pressed: standings.counts })
  const { everyMs, recount } = config.usage
  const nextFull = (after: number) => (recount === null ? null : nextTime(recount, after))
  return {
    usage,
    standings,
    count: () => counting.count({ full: false }),
    figuresOf: async (path) => (await ledger.of(path))?.count ?? null,
    routes: {
      signedIn: (app) => ownUsageRoute(app, { usage }),
      administrators: (app) => usageRoutes(app, { usage, counting, holding: quotas.holding, onError }),
    },
    async work(signal) {
      await look().catch(onError)
      const isLimited = Object.values(catalog.tiers).some(({ storage }) => storage !== undefined)
      await Promise.all([
        keepQuotas({ quotas, isLimited, clock, onError }, { signal }),
        keepCounting({ counting, ledger, everyMs, nextFull, clock, onError }, { signal }),
      ])
    },
  }
}

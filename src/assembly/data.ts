/** The assembly of `ailab data`. */
import type { ReadUsage } from '../commands/data.ts'
import { systemClock } from '../lib/system-clock.ts'
import { loadCatalog } from '../settings/load-catalog.ts'
import { createLedger } from '../usage/ledger.ts'
import { createUsage } from '../usage/usage.ts'
import { besideService } from './beside-service.ts'

/** Reads the figures of the last count. @throws Error with a sentence for the administrator */
export const readUsage: ReadUsage = (folder, command) =>
  besideService(folder, command, async ({ accounts, usageRecords: store, trashStore, config }) => {
    const catalog = await loadCatalog(config.catalogFile)
    const limitOf = (tier: string) => catalog.tiers[tier]?.storage ?? null
    return createUsage({
      ...{ ledger: createLedger(store), store, accounts, limitOf, clock: systemClock },
      trashOfPeople: trashStore.bytesOfPeople,
    }).all()
  })

/** People, their API tokens, and the first administrator. */
import { ensureFirstAdmin } from '../accounts/first-admin.ts'
import { createRights, type Rights } from '../accounts/rights.ts'
import { createTokens, type Tokens } from '../accounts/tokens.ts'
import { createUsers } from '../accounts/users.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { tokenRoutes } from '../http/routes/tokens.ts'
import { userRoutes } from '../http/routes/users.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import { tokensLog } from './service-log.ts'

export type PeoplePart = Capability & {
  tokens: Tokens
  rights: Rights
  /** Where the first administrator's token was written at the first start. */
  adminTokenFile: string
  /** Whether this start was the first, and wrote it. */
  madeAdmin: boolean
}

export async function assemblePeople({
  accounts,
  catalog,
  clock,
  dataRoot,
  logger,
  onError,
}: Base): Promise<PeoplePart> {
  const tokens = createTokens({ accounts, clock, log: tokensLog(logger) })
  const users = createUsers({ accounts, catalog, clock })
  const adminTokenFile = `${dataRoot.path}/admin/first-admin-token`
  const madeAdmin = await ensureFirstAdmin({
    accounts,
    tier: Object.keys(catalog.tiers).at(-1) ?? 'default',
    clock,
    deliver: (secret) => writeWhole(adminTokenFile, `${secret}\n`, 0o600),
  })
  return {
    tokens,
    rights: createRights({ accounts, clock, onError }),
    adminTokenFile,
    madeAdmin,
    routes: {
      signedIn: (app) => tokenRoutes(app, { tokens }),
      administrators: (app) => userRoutes(app, { users }),
    },
  }
}

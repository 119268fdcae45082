/** The assembly of `ailab user`. */
import { createManageUsers } from '../accounts/manage-users.ts'
import type { WithUsers } from '../commands/user.ts'
import { linkOf } from '../http/link-of.ts'
import { systemClock } from '../lib/system-clock.ts'
import { loadCatalog } from '../settings/load-catalog.ts'
import { besideService } from './beside-service.ts'

/** Opens the records of people for one command. @throws Error with a sentence for the administrator */
export const manageUsers: WithUsers = (folder, command, work) =>
  besideService(folder, command, ({ accounts, dataRoot, config }) =>
    work({
      users: createManageUsers({ accounts, catalog: () => loadCatalog(config.catalogFile), clock: systemClock }),
      folderOf: (id) => `${dataRoot}/users/${id}`,
      linkOf: (code) => linkOf(config.publicUrl, code),
    }),
  )

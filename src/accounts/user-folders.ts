import type { AccountStore } from '../ports/account-store.ts'
import type { DataRoot } from '../ports/data-root.ts'

/** People's folders, each of which is made only once: a folder that is gone may be on a disk that is not mounted. */
export type UserFolders = Pick<DataRoot, 'ensureUserFolder' | 'requireUserFolder'>

export function createUserFolders({
  dataRoot,
  accounts,
}: {
  dataRoot: UserFolders
  accounts: Pick<AccountStore, 'hadFolder' | 'recordFolder'>
}): UserFolders {
  return {
    requireUserFolder: dataRoot.requireUserFolder,

    async ensureUserFolder(id) {
      if (await accounts.hadFolder(id)) return await dataRoot.requireUserFolder(id)
      await dataRoot.ensureUserFolder(id)
      await accounts.recordFolder(id)
    },
  }
}

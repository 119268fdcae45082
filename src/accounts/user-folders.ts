import type { UserId } from '../domain/people/user-id.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { DataRoot } from '../ports/data-root.ts'

type FoldersOnDisk = Pick<DataRoot, 'ensureUserFolder' | 'requireUserFolder'>

/** People's folders, each of which is made only once: a folder that is gone may be on a disk that is not mounted. */
export type UserFolders = FoldersOnDisk & {
  /** Records a folder that is there: a restore of the whole lab may have brought it, or an administrator. */
  noteUserFolder(id: UserId): Promise<void>
}

export function createUserFolders({
  dataRoot,
  accounts,
}: {
  dataRoot: FoldersOnDisk
  accounts: Pick<AccountStore, 'hadFolder' | 'recordFolder'>
}): UserFolders {
  return {
    requireUserFolder: dataRoot.requireUserFolder,

    async ensureUserFolder(id) {
      if (await accounts.hadFolder(id)) return await dataRoot.requireUserFolder(id)
      await dataRoot.ensureUserFolder(id)
      await accounts.recordFolder(id)
    },

    async noteUserFolder(id) {
      if (!(await accounts.hadFolder(id))) await accounts.recordFolder(id)
    },
  }
}

import { Problem } from '../domain/problem.ts'
import { Turns } from '../lib/turns.ts'
import type { BackupDisk } from '../ports/backup-disk.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'

/** The repository, while no other process of this data root uses it. */
export type OpenedRepository = AsyncDisposable & { repository: BackupRepository }

export type OpenRepository = (options: { signal: AbortSignal; mayBegin: boolean }) => Promise<OpenedRepository>

/**
 * Opens the repository for one piece of work; the others of this process wait for their turn. A new one is begun only if none was ever begun for this data root: a disk that is not
 * mounted must not be taken for a first start.
 *
 * @throws Problem backup-under-way, backups-off, backup-repository-unusable
 */
export function createOpenRepository(deps: {
  repository: BackupRepository
  disk: Pick<BackupDisk, 'lock' | 'makeRepositoryFolder' | 'wasBegun' | 'noteBegun'>
  /** The repository's path, if it is not in `admin/`. */
  elsewhere: string | null
}): OpenRepository {
  const { repository, disk, elsewhere } = deps
  const turns = new Turns(1)

  async function ensure(signal: AbortSignal, mayBegin: boolean): Promise<void> {
    await repository.takeOver({ signal })
    if (elsewhere === null) await disk.makeRepositoryFolder()
    if (await repository.isBegun({ signal })) return await disk.noteBegun()
    if (await disk.wasBegun()) {
      const detail = 'The repository of the backups is gone.'
      const where = elsewhere === null ? 'admin/backups of the data root' : elsewhere
      throw new Problem('backup-repository-unusable', detail, {
        adminDetail: `${detail} It was in ${where}. Is its disk mounted? To begin a new one there: rm admin/backups-begun in the data root.`,
      })
    }
    if (!mayBegin) throw new Problem('backup-not-found', 'There is no backup yet.')
    await repository.begin({ signal })
    await disk.noteBegun()
  }

  return async ({ signal, mayBegin }) => {
    using stack = new DisposableStack()
    stack.use(await turns.acquire('', { signal }))
    stack.use(disk.lock())
    await ensure(signal, mayBegin)
    const held = stack.move()
    return { repository, [Symbol.asyncDispose]: async () => held.dispose() }
  }
}

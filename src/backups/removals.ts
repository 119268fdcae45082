/** Removes from the repository what the rule no longer keeps, and what counts for nothing. */
import { type Backup, backupsOf, folderOf } from '../domain/backups/backup.ts'
import { hasFolder, type Keep, toDrop } from '../domain/backups/keep.ts'
import { reasonOf } from '../lib/reason-of.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'

type Repository = Pick<BackupRepository, 'snapshots' | 'drop'>

/** `onError` gets why something could not be removed, where the backup goes on all the same. */
export function createRemovals({ keep, onError }: { keep: Keep; onError: (error: unknown) => void }) {
  return {
    /**
     * Removes old backups, and gives why they stay, which is no reason to call a whole backup failed. `lacking`: as `toDrop` has it.
     * `isFull`: the parts of backups that failed, the one under way among them, go too, because no later run goes on with them.
     */
    async old(
      repository: Repository,
      lacking: readonly string[],
      { signal, isFull = false }: { signal: AbortSignal; isFull?: boolean },
    ): Promise<string | null> {
      try {
        const all = backupsOf(await repository.snapshots({ signal }))
        const old = toDrop(all, keep, lacking).flatMap(({ snapshots }) => snapshots)
        const ids = new Set([...old, ...(isFull ? partsOfFailed(all) : [])].map(({ id }) => id))
        if (ids.size > 0 || isFull) await repository.drop([...ids], { signal, isFull })
        return null
      } catch (error) {
        signal.throwIfAborted()
        onError(error)
        return reasonOf(error)
      }
    },

    /**
     * Removes what a backup has of folders whose disk went away while they were read: it would count as the last backup that has
     * them. A snapshot stays if no other whole backup has its folder.
     *
     * @throws Problem if the snapshots are still there
     */
    async half(
      repository: Repository,
      { backupId, snapshotIds }: { backupId: string; snapshotIds: readonly string[] },
      { signal }: { signal: AbortSignal },
    ): Promise<void> {
      const all = backupsOf(await repository.snapshots({ signal }))
      const others = all.filter(({ id, isWhole }) => isWhole && id !== backupId)
      const ids = all
        .flatMap(({ snapshots }) => snapshots)
        .filter(({ id, part }) => snapshotIds.includes(id) && others.some((each) => hasFolder(each, folderOf(part))))
        .map(({ id }) => id)
      if (ids.length === 0) return
      try {
        await repository.drop(ids, { signal, isFull: true })
      } catch (error) {
        signal.throwIfAborted()
        if ((await repository.snapshots({ signal })).some(({ id }) => ids.includes(id))) throw error
        onError(error)
      }
    },
  }
}

/** The snapshots of backups that are not whole. Those of a folder that no whole backup has stay, if there is any whole backup. */
function partsOfFailed(all: readonly Backup[]): Backup['snapshots'] {
  const whole = all.filter(({ isWhole }) => isWhole)
  const isElsewhere = (folder: string) => whole.length === 0 || whole.some((each) => hasFolder(each, folder))
  return all
    .filter(({ isWhole }) => !isWhole)
    .flatMap(({ snapshots }) => snapshots.filter(({ part }) => isElsewhere(folderOf(part))))
}

import type {
  BackupPart,
  BackupSnapshot,
  EntriesPage,
  RepositoryEntry,
  SavedPart,
  SaveProgress,
} from '../domain/backups/backup.ts'

type Options = { signal?: AbortSignal }

/**
 * Where backups are kept: deduplicated, encrypted, and readable with its key alone. A repository is used by one process at a time.
 *
 * Calls reject with a Problem: `backup-repository-unusable` with the reason, `no-room`, or what the engine says; on abort with the
 * signal's reason. What a call was doing is then whole or absent, and may be repeated.
 */
export interface BackupRepository {
  /** Ends what an earlier process left running. Call it first, while no other process uses the repository. */
  takeOver(options?: Options): Promise<void>
  /** Makes the repository in its empty folder. @throws Problem if there is one already */
  begin(options?: Options): Promise<void>
  /** Whether there is a repository in the folder. @throws Problem if the key does not open it */
  isBegun(options?: Options): Promise<boolean>
  snapshots(options?: Options): Promise<BackupSnapshot[]>
  /**
   * Saves one folder of the engine's host, as it is while it is read. Follows no link, and reads nothing outside of the folder,
   * whatever somebody does in there meanwhile.
   */
  save(saving: Saving, onProgress: (progress: SaveProgress) => void, options?: Options): Promise<SavedPart>
  /**
   * Entries of a folder of a snapshot, by the bytes of their names: `limit` at most, from that position on. Null if there is no such
   * folder. `path` is relative; '' for the whole.
   */
  entries(
    snapshot: BackupSnapshot,
    path: string,
    page: EntriesPage,
    options?: Options,
  ): Promise<RepositoryEntry[] | null>
  /** What is under a path of a snapshot; null if nothing is. `path` is not empty. */
  entry(snapshot: BackupSnapshot, path: string, options?: Options): Promise<RepositoryEntry | null>
  /**
   * Reads one file of a snapshot, piece by piece. It waits for `take`, and ends with what `take` throws. @throws Problem also after
   * some pieces: the file is then not whole
   */
  content(
    snapshot: BackupSnapshot,
    path: string,
    take: (piece: Uint8Array) => Promise<void>,
    options?: Options,
  ): Promise<void>
  /**
   * Restores a snapshot, or one file or folder of it, below an empty folder of the engine's host, in the folder that
   * `snapshotFolderOf(part)` names; owners, modes, times and links too. Each file is read once more and compared.
   */
  restore(restoring: Restoring, onProgress: (progress: SaveProgress) => void, options?: Options): Promise<void>
  /** What a restore of those snapshots brings back: files, folders and links, and the bytes of files. Reads no content. */
  sizeOf(ids: readonly string[], options?: Options): Promise<{ entries: number; bytes: number }>
  /**
   * Removes snapshots, if any, and the data that no snapshot needs. `isFull`: it does with hardly any room, and leaves such data where
   * it is packed together with needed data.
   */
  drop(ids: readonly string[], options?: Options & { isFull?: boolean }): Promise<void>
  /** Checks the structure, and reads the nth of `of` parts of all data. @throws Problem backup-damaged */
  check(slice: { nth: number; of: number }, options?: Options): Promise<void>
}

export type Saving = {
  backupId: string
  part: BackupPart
  hostPath: string
  /** Entries to leave out, relative to the folder. */
  without?: readonly string[]
  /** Files that say they are larger are left out: they are sparse, and reading their holes would take days. */
  largestFileBytes: number
}

export type Restoring = {
  snapshot: BackupSnapshot
  path: string
  hostPath: string
  /** True: all belongs to the service, so that it can remove it again. A service that is root gets the owners all the same. */
  forService?: boolean
}

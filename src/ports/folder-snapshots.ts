import type { BackupPart } from '../domain/backups/backup.ts'

/** A read-only copy of a folder as it was at one instant; `folder` is relative to the data root. Disposing it removes it. */
export type FolderSnapshot = AsyncDisposable & { folder: string }

/** Instant copies, where the file system has them. No notebook sees them. */
export interface FolderSnapshots {
  /** Null where the file system, or the right to use it, does not give one: then the folder has to be read as it stands. */
  take(part: BackupPart): Promise<FolderSnapshot | null>
  /** Removes those of an earlier process that was killed. @throws Error with the words of the file system's program */
  tidy(): Promise<void>
}

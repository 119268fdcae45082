import type { BackupPart } from '../domain/backups/backup.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** The data root's own side of backups: who has a folder, the copy of the database, and the places of a restore. */
export interface BackupDisk {
  /** Takes the backups of this data root for this process alone. @throws Problem backup-under-way */
  lock(): Disposable
  people(): Promise<UserId[]>
  /** The size of the file system of a part: a file that says it is larger is sparse. */
  largestFileBytes(part: BackupPart): Promise<number>
  /**
   * The key of the repository. The first call makes one, if none was ever made for this data root.
   * @throws Problem backups-off, with what to do
   */
  key(): Promise<string>
  /** Makes the folder of the repository in `admin/`. */
  makeRepositoryFolder(): Promise<void>
  /** Whether a repository was ever begun for this data root. */
  wasBegun(): Promise<boolean>
  noteBegun(): Promise<void>
  /** Puts a copy of the database, and the manifest, where the backup of `admin/` takes them from. Removed by the next call. */
  stage(manifest: string): Promise<void>
  unstage(): Promise<void>
  /** Entries of `admin/` that no backup has. */
  readonly leftOutOfAdmin: readonly string[]

  /**
   * The place of a restore, which no notebook sees, on the disk of the part's folder. `isRestored`: an earlier run finished the
   * restore into it. Anything half is removed.
   */
  openPlace(id: string, part: BackupPart): Promise<{ path: string; isRestored: boolean }>
  /** Makes what was restored survive a power cut, then marks the place as restored. */
  sealPlace(id: string, part: BackupPart): Promise<void>
  /** What is still in the place: the names of the entries in a folder of it. */
  placed(id: string, part: BackupPart, folder: string): Promise<string[]>
  /**
   * Moves one entry out of the place into a folder of people's or the shared files, without following a link.
   * @throws Problem file-exists if the name is taken by a folder, folder-on-another-disk
   */
  moveOut(id: string, part: BackupPart, from: { folder: string; name: string }, to: readonly string[]): Promise<void>
  removePlace(id: string, part: BackupPart): Promise<void>
}

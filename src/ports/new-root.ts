import type { BackupPart } from '../domain/backups/backup.ts'
import type { Manifest } from '../domain/backups/manifest.ts'

/**
 * A data root that is made of a backup, in a folder that is empty or missing. What is half lies in `.restoring` in that folder, and no
 * marker says that it is a data root until all of it is there.
 */
export interface NewRoot {
  /**
   * Begins, or begins anew after a run that was cut short. `isRestored`: only `publish` is missing.
   * @throws Error with a sentence for the administrator if the folder holds anything else, also another restored backup
   */
  begin(backupId: string): Promise<{ isRestored: boolean }>
  /** An empty folder for the next part. */
  openPart(): Promise<string>
  /** Puts what was restored of a part where it belongs. */
  closePart(part: BackupPart): Promise<void>
  /**
   * Puts the copy of the database in its place, and makes all survive a power cut. `without`: folders that were left out on purpose, and
   * why.
   * @throws Error if the backup is not whole
   */
  complete(without: Manifest['left_out']): Promise<void>
  /** Makes it a data root. Gives what the backup says of itself, with all folders that were left out. */
  publish(): Promise<Manifest>
}

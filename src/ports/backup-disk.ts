import type { BackupPart } from '../domain/backups/backup.ts'
import type { DatabaseSummary } from '../domain/backups/records.ts'
import type { FilePath } from '../domain/files/file-path.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { Room } from '../domain/room.ts'
import type { Octets } from '../lib/octets.ts'

/** The data root's own side of backups: who has a folder, the copy of the database, and the places of a restore. */
export interface BackupDisk {
  /** Takes the backups of this data root for this process alone. @throws Problem backup-under-way */
  lock(): Disposable
  /** The people who have a folder now. */
  people(): Promise<UserId[]>
  /** The room on the disk of a part. It needs no right on the folder itself. */
  room(part: BackupPart): Promise<Room>
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
  /**
   * Puts a copy of the database, and the manifest that says what is in that copy, where the backup of `admin/` takes them from.
   * Removed by the next call.
   */
  stage(manifestOf: (copy: DatabaseSummary) => string): Promise<void>
  unstage(): Promise<void>
  /** Entries of `admin/` that no backup has. */
  readonly leftOutOfAdmin: readonly string[]
}

/** What a restore has put into its place. `entries`: how many are to move. */
export type Restored = { entries: number }

/** A restore that ended while its entries moved. Null: an earlier run could not keep why. */
export type GivenUp = { failure: Job['failure'] }

/** The places of restores in `admin/`, which no notebook sees. Each has the id of its job. */
export interface RestorePlaces {
  /** Makes an empty place. Gives its folder, relative to the data root. */
  open(id: string): Promise<string>
  /** The room that what is in a place takes on its disk, without what the service may not read. */
  bytesIn(id: string): Promise<number>
  /** Makes what was restored survive a power cut, then marks the place as restored. */
  seal(id: string, restored: Restored): Promise<void>
  /** What an earlier run has left in the place; null if none has sealed it. */
  sealed(id: string): Promise<Restored | GivenUp | null>
  /** Removes all but the mark of a sealed place, which then tells the failure: the records of the lab may need the room. */
  giveUp(id: string, why: GivenUp): Promise<void>
  /** The names of the entries in a folder of the place; none if it is not there. */
  entries(id: string, folder: readonly string[]): Promise<Octets[]>
  /**
   * Moves one entry out of the place, into a folder of people's or the shared files, which is made if it is missing. Follows no link,
   * and replaces nothing: `makeWay` takes away what has the name. It is called again when a program takes the name in between, ten times
   * at most. An entry for another disk is copied, until `signal` aborts; `onWhole` is called when the copy is whole, before `makeWay`.
   * Gives the room that the entry takes on a disk, as `bytesIn`.
   * @throws Problem file-exists, wrong-kind, no-room; what `makeWay` and `onWhole` throw; the signal's reason
   */
  moveOut(
    id: string,
    from: { folder: readonly string[]; name: Octets },
    to: { tree: Tree; folder: FilePath },
    moving: { makeWay: () => Promise<void>; onWhole: () => Promise<void>; signal: AbortSignal },
  ): Promise<number>
  remove(id: string): Promise<void>
  /** The room where the places are. */
  room(): Promise<Room>
  /** Removes the places of all other jobs. */
  tidy(underWay: ReadonlySet<string>): Promise<void>
}

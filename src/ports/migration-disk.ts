import type { Haul, Left, Survey } from '../domain/migration/migration.ts'
import type { Room } from '../domain/migration/migration-plan.ts'
import type { Octets } from '../lib/octets.ts'

/** The top of a legacy root. */
export type LegacyContents = {
  hasShared: boolean
  hasBackups: boolean
  /** Folders in `users/`. */
  userFolders: Octets[]
  /** The text of `resource_tracking.json`; null when there is none. */
  tracking: string | null
  /** Entries at a place that the platform does not know. */
  strange: Left[]
  /** Entries of `admin/` beside the backups: they are the earlier platform's own, and never merged. */
  platforms: string[]
}

/** The two data roots of a migration: the legacy one, which is only read, and this one. */
export interface MigrationDisk {
  /** Real path of the legacy root, and of this one. */
  readonly from: string
  readonly to: string
  /** Paths by which a container's mount may name the legacy root. */
  readonly legacyPaths: readonly string[]
  /** Whether copies can keep the owners of their originals: only if the process is root. */
  readonly keepsOwners: boolean

  contents(): Promise<LegacyContents>

  /** Compares a haul's two folders and plans the work. Changes nothing. Calls `onSeen` for each entry. */
  survey(haul: Haul, onSeen: () => void): Promise<Survey>

  /** Room where a haul goes. */
  room(haul: Haul): Promise<Room>

  /**
   * Carries out the plan of a survey; gives the entries that could not be carried. The caller may end it at any
   * instant, and do it again after a new survey. `onCarried` gets the work since its last call.
   * @throws Error in words when the disk is full
   */
  carry(survey: Survey, onCarried: (files: number, bytes: number) => void): Promise<Left[]>

  /** Makes sure that all carried files survive a power cut. */
  settle(): Promise<void>

  /** Writes a report into `admin/migrations/`; gives its path. */
  writeReport(name: string, text: string): Promise<string>
}

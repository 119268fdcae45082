import type { Haul, Left, Survey } from '../domain/migration/migration.ts'
import type { Room } from '../domain/migration/migration-plan.ts'
import type { Octets } from '../lib/octets.ts'

/** What is at the top of a legacy root. */
export type LegacyContents = {
  hasShared: boolean
  hasBackups: boolean
  /** Folders in `users/`. */
  userFolders: Octets[]
  /** The text of `resource_tracking.json`; null when there is none. */
  tracking: string | null
  /** What is at no place that the platform knows. */
  strange: Left[]
  /** What is in `admin/` beside the backups: the earlier platform's own, which is never merged. */
  platforms: string[]
}

/** The two data roots of a migration: the legacy one, which is only read, and this one. */
export interface MigrationDisk {
  /** Real path of the legacy root, and of this one. */
  readonly from: string
  readonly to: string
  /** Paths by which a container's mount may name the legacy root. */
  readonly legacyPaths: readonly string[]
  /** Whether copies can keep the owners of their originals: only where the process is root. */
  readonly keepsOwners: boolean

  contents(): Promise<LegacyContents>

  /** Compares a haul's two folders and plans what is to be done. Changes nothing. `onSeen` is called for each entry. */
  survey(haul: Haul, onSeen: () => void): Promise<Survey>

  /** Room where a haul goes. */
  room(haul: Haul): Promise<Room>

  /**
   * Carries out what a survey planned; gives what could not be carried. May be ended at any instant, and done again
   * after a new survey. `onCarried` gets what was done since its last call.
   * @throws Error in words when the disk is full
   */
  carry(survey: Survey, onCarried: (files: number, bytes: number) => void): Promise<Left[]>

  /** Makes all that was carried last through a power cut. */
  settle(): Promise<void>

  /** Writes a report into `admin/migrations/`; gives its path. */
  writeReport(name: string, text: string): Promise<string>
}

import type { LeftOut, LegacyZip } from '../domain/backups/legacy-zip.ts'
import type { Progress } from '../domain/jobs/job.ts'

export type Unpacked = { files: number; bytes: number; leftOut: LeftOut[] }

/** The zip files of the earlier platform in `admin/backups`. */
export interface LegacyBackups {
  /** The newest first. */
  list(): Promise<LegacyZip[]>
  /**
   * Unpacks one into a new folder that no notebook sees, relative to the data root. What is hostile or damaged in it is left out.
   * @throws Problem backup-not-found, zip-unusable, no-room
   */
  unpack(
    name: string,
    folder: string,
    options: { signal: AbortSignal; tell: (progress: Progress) => void },
  ): Promise<Unpacked>
}

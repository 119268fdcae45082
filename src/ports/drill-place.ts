import type { DatabaseSummary } from '../domain/backups/records.ts'
import type { NewRoot } from './new-root.ts'

/** Where a drill restores the lab: a folder in `admin/` that nobody but the service enters, and that goes at the end. */
export interface DrillPlace {
  /** Removes everything that earlier drills left. */
  clear(): Promise<void>
  /**
   * Makes the empty folder. `root`: where the data root is to be, relative to the living one.
   * @throws Problem no-room if the disk of the data root would be too full afterwards
   */
  open(needed: { entries: number; bytes: number }): Promise<{ root: string; newRoot: NewRoot }>
  /** What is in the restored database. @throws Problem drill-failed */
  summary(): Promise<DatabaseSummary>
  /** Gives the restored lab an id of its own: nothing that the engine knows of the living lab is then its own. */
  disown(): Promise<void>
}

/**
 * Starts a service on a restored data root, without an engine and without a port, asks it who and what there is, and ends it. Whatever
 * happens to this process, that one ends too.
 *
 * @throws Problem drill-failed with the words of that service
 */
export type AskTrialService = (
  root: string,
  options: { signal: AbortSignal },
) => Promise<{ people: string[]; environments: string[] }>

/** A whole migration: its plan, its result, and its exit code. Pure. */

import type { UserId } from '../people/user-id.ts'
import type { Branch, Left, Survey, Tally } from './migration.ts'

/** Room on one file system of this root. */
export type Room = { device: string; freeBytes: number; freeInodes: number | null }

export type Space = { folders: string[]; neededBytes: number; freeBytes: number; fits: boolean }

/** Containers of the earlier platform: their owners, and which containers still use the legacy root. */
export type LegacyContainers = {
  /** Owners by the names of containers; only those that are not recorded here yet. */
  owners: ReadonlyMap<string, UserId>
  /** Containers whose owner is known only by a name. */
  ownerless: { container: string; recordedFor: string }[]
  /** Containers with a mount of the legacy root. `hasRecord`: it is an environment of this service already. */
  onLegacy: { name: string; state: string; source: string; hasRecord: boolean; owner: UserId | null }[]
  /** Each thing that could not be found out, and why. */
  problems: string[]
}

/** Everything that is known before the first change. */
export type MigrationPlan = {
  from: string
  to: string
  keepsOwners: boolean
  surveys: Survey[]
  /** Folders of `users/` and their owners. `hasAccount`: whether this service knows that person. */
  people: { folder: string; user: UserId; hasAccount: boolean }[]
  /** Folders that the mapping file leaves out. */
  leftOut: string[]
  /** Folders whose owner is not known; they stay where they are. */
  unknown: { folder: string; candidates: UserId[] }[]
  strange: Left[]
  platforms: string[]
  space: Space[]
  containers: LegacyContainers
}

/** The result of a migration. `cutShort`: why it ended early; null if it did not. */
export type MigrationResult = { files: number; bytes: number; failed: Left[]; cutShort: string | null }

/** Whether something waits for an administrator's decision. */
export function isUndecided({ unknown, strange }: MigrationPlan): boolean {
  return unknown.length + strange.length > 0
}

/** 0: done, or ready to be done. 1: something could not be done. 2: something waits for a decision. */
export function exitCodeOf(plan: MigrationPlan, result: MigrationResult | null): 0 | 1 | 2 {
  const failed = result ? result.failed.length : plan.surveys.reduce((sum, { failed }) => sum + failed.length, 0)
  if (result?.cutShort || failed > 0 || plan.space.some(({ fits }) => !fits)) return 1
  return isUndecided(plan) ? 2 : 0
}

/** The number of files and bytes to copy: for progress. */
export function workOf(surveys: readonly Survey[]): Tally {
  const total = { files: 0, bytes: 0 }
  for (const { branch } of surveys) addWork(branch, total)
  return total
}

function addWork(branch: Branch | null, total: Tally): void {
  total.files += branch?.items.length ?? 0
  for (const { dataBytes } of branch?.items ?? []) total.bytes += dataBytes
  for (const folder of branch?.folders ?? []) addWork(folder, total)
}

/** Whether all files fit, for each file system: `shared/` and `users/` can be disks of their own. */
export function spaceOf(needs: readonly { folder: string; need: Survey['need']; room: Room }[]): Space[] {
  return [...Map.groupBy(needs, ({ room }) => room.device).values()].map((group) => {
    const [{ room }] = group as [(typeof group)[number]]
    const neededBytes = group.reduce((sum, { need }) => sum + need.bytes, 0)
    const inodes = group.reduce((sum, { need }) => sum + need.inodes, 0)
    const enoughInodes = room.freeInodes === null || inodes <= room.freeInodes
    return {
      folders: [...new Set(group.map(({ folder }) => folder))],
      neededBytes,
      freeBytes: room.freeBytes,
      fits: inodes === 0 || (neededBytes <= room.freeBytes && enoughInodes),
    }
  })
}

import type { UserId } from '../domain/people/user-id.ts'
import type { QuotaGroup } from '../domain/usage/quota-groups.ts'

/** Whether the file system can hold people's folders to a limit, and what is in the way. */
export type QuotaSight =
  | { kind: 'on'; groups: ReadonlyMap<number, QuotaGroup> }
  /**
   * No quotas: another file system than Btrfs, no program for it, no right, or they are not switched on. `isSure`: false if there may be
   * some, and the look at them failed.
   */
  | { kind: 'off'; isBtrfs: boolean; reason: string; isSure: boolean }

/** Limits that the file system itself holds: what is written beyond them fails, from wherever it is written. */
export interface FolderQuotas {
  look(): Promise<QuotaSight>
  /** Switches quotas on for the whole file system. @throws Error with the program's words */
  switchOn(): Promise<void>
  isSubvolume(id: UserId): Promise<boolean>
  /** The id of the subvolume that a person's folder is; null for a plain folder, which can have no limit, or none at all. */
  subvolumeOf(id: UserId): Promise<number | null>
  /** Sets the limit of a person's folder, which is a subvolume; null takes it away. @throws Error with the program's words */
  limit(id: UserId, bytes: number | null): Promise<void>
}

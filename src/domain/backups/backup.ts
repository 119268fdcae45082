/** A backup is several snapshots with one id: one a person, one of `shared/`, and at last one of `admin/`. Pure. */
import { type UserId, userId } from '../people/user-id.ts'

export type BackupPart = { kind: 'person'; userId: UserId } | { kind: 'shared' } | { kind: 'admin' }

/** One part as it is in the repository. */
export type BackupSnapshot = { id: string; backupId: string; part: BackupPart; at: number }

export type Backup = {
  id: string
  /** When its first part was begun; milliseconds since the epoch. */
  at: number
  /** Whether it has the part that is made last. Without it the backup was cut short. */
  isWhole: boolean
  snapshots: readonly BackupSnapshot[]
}

export type SavedPart = {
  snapshotId: string
  files: number
  bytes: number
  /** How much larger the repository became. */
  addedBytes: number
  /** Files that could not be read, a few of them by name. */
  unread: { count: number; examples: readonly string[] }
}

export type SaveProgress = { doneBytes: number; totalBytes: number; doneFiles: number; totalFiles: number }

export type RepositoryEntry = {
  /** For people to read: it is the exact name only if `isExact`. */
  name: string
  isExact: boolean
  type: 'file' | 'folder' | 'link' | 'other'
  sizeBytes: number
  modifiedAt: number
}

/** `from`: how many entries come before. It stays right, because a snapshot does not change. */
export type EntriesPage = { from: number; limit: number }

/** The folder of a part, relative to the data root. */
export function folderOf(part: BackupPart): string {
  return part.kind === 'person' ? `users/${part.userId}` : part.kind
}

/** The folder that a part has in its snapshot. The same for each person: the host of the snapshot tells whose it is. */
export function snapshotFolderOf(part: BackupPart): string {
  return part.kind === 'person' ? 'data' : part.kind
}

/** The part that has that folder; null if none has. */
export function partOf(folder: string): BackupPart | null {
  if (folder === 'shared' || folder === 'admin') return { kind: folder }
  const [, name] = /^users\/(.+)$/.exec(folder) ?? []
  const { data } = userId.safeParse(name)
  return data !== undefined && data === name ? { kind: 'person', userId: data } : null
}

/** For example `2026-11-26T03-00-00Z-k3v9`: sorts by time, and is a name that any file system takes. */
export function backupId(atMs: number, random: string): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z-${random}`
}

/** When a backup was begun, as its id tells: the begin of that second, in milliseconds since the epoch. */
export function begunAt(id: string): number {
  const [date = '', time = ''] = id.slice(0, 20).split('T')
  return Date.parse(`${date}T${time.replaceAll('-', ':')}`)
}

export const backupIdForm = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-z]{4}$/

/** The backups behind the snapshots, the newest first. */
export function backupsOf(snapshots: readonly BackupSnapshot[]): Backup[] {
  const groups = Map.groupBy(snapshots, ({ backupId: id }) => id)
  const backups = Array.from(groups, ([id, parts]) => ({
    id,
    at: Math.min(...parts.map(({ at }) => at)),
    isWhole: parts.some(({ part }) => part.kind === 'admin'),
    snapshots: parts.toSorted((one, other) => folderOf(one.part).localeCompare(folderOf(other.part))),
  }))
  return backups.toSorted((one, other) => other.at - one.at || other.id.localeCompare(one.id))
}

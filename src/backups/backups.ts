/** Backups, as administrators see them: make one, list them, look into them, check them. */
import {
  type Backup,
  type BackupPart,
  type BackupSnapshot,
  backupId,
  backupsOf,
  type EntriesPage,
  folderOf,
  type RepositoryEntry,
} from '../domain/backups/backup.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomOctets } from '../lib/random.ts'
import type { BackupDisk } from '../ports/backup-disk.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import type { Clock } from '../ports/clock.ts'

export const backupKind = 'backup'
export const checkKind = 'backup-check'
export const drillKind = 'drill'
/** Of backup, check and drill, none begins while another one is under way. */
export const repositoryKey = 'backups'

export type Begin = (
  userId: UserId,
  job: { kind: string; title: string; input: Job['input']; key: string },
) => Promise<Job>

type Options = { signal: AbortSignal }

export type BackupFile = {
  entry: RepositoryEntry
  /** Reads it from its beginning to its end, and waits for `take`. @throws Problem also after some pieces */
  read(take: (piece: Uint8Array) => Promise<void>, options: Options): Promise<void>
}

export type Backups = {
  /** The newest first. Also those that are under way, or were cut short. */
  list(options: Options): Promise<Backup[]>
  /** @throws Problem backup-not-found */
  one(id: string, options: Options): Promise<Backup>
  /** A folder of a part, by name. @throws Problem backup-not-found, not-found */
  entries(
    at: { id: string; part: BackupPart; path: string },
    page: EntriesPage,
    options: Options,
  ): Promise<RepositoryEntry[]>
  /** A file as it was. @throws Problem backup-not-found, file-not-found, wrong-kind */
  file(at: { id: string; part: BackupPart; path: string }, options: Options): Promise<BackupFile>
  /** @throws Problem job-under-way */
  begin(userId: UserId, options?: { pause: boolean }): Promise<Job>
  /** @throws Problem job-under-way */
  beginCheck(userId: UserId): Promise<Job>
  /** Practises a restore. @throws Problem job-under-way */
  beginDrill(userId: UserId): Promise<Job>
}

export function createBackups(deps: {
  repository: BackupRepository
  disk: Pick<BackupDisk, 'wasBegun'>
  begin: Begin
  clock: Clock
}): Backups {
  const { repository, disk, begin, clock } = deps

  async function list(options: Options): Promise<Backup[]> {
    return (await disk.wasBegun()) ? backupsOf(await repository.snapshots(options)) : []
  }

  async function one(id: string, options: Options): Promise<Backup> {
    const found = (await list(options)).find((each) => each.id === id)
    if (!found) throw backupNotFound(id)
    return found
  }

  return {
    list,
    one,

    async entries({ id, part, path }, page, options) {
      const entries = await repository.entries(snapshotOf(await one(id, options), part), path, page, options)
      if (!entries) throw new Problem('not-found', `There is no folder "${path}" in it.`)
      return entries
    },

    async file({ id, part, path }, options) {
      const snapshot = snapshotOf(await one(id, options), part)
      const entry = path === '' ? null : await repository.entry(snapshot, path, options)
      if (path !== '' && !entry) throw new Problem('file-not-found', `There is no file "${path}" in it.`)
      if (entry?.type !== 'file') throw new Problem('wrong-kind', 'It is no file: only a restore brings it back.')
      return { entry, read: (take, reading) => repository.content(snapshot, path, take, reading) }
    },

    begin(userId, { pause } = { pause: false }) {
      const id = backupId(clock.now(), suffix())
      const input = { backup_id: id, ...(pause && { pause }) }
      return begin(userId, { kind: backupKind, title: `Backup ${id}`, input, key: repositoryKey })
    },

    beginDrill(userId) {
      return begin(userId, { kind: drillKind, title: 'Drill: a restore beside the lab', input: {}, key: repositoryKey })
    },

    beginCheck(userId) {
      return begin(userId, { kind: checkKind, title: 'Check of the backups', input: {}, key: repositoryKey })
    },
  }
}

export function backupNotFound(id: string): Problem {
  return new Problem('backup-not-found', `There is no backup ${id}.`)
}

/** @throws Problem backup-not-found */
export function snapshotOf({ id, snapshots }: Backup, part: BackupPart): BackupSnapshot {
  const found = snapshots.find((each) => folderOf(each.part) === folderOf(part))
  if (!found) throw new Problem('backup-not-found', `The backup ${id} does not have ${folderOf(part)}.`)
  return found
}

/** Tells two backups of one second apart. */
function suffix(): string {
  return Array.from(randomOctets(4), (octet) => (octet % 36).toString(36)).join('')
}

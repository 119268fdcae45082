/** Makes one backup: each person's folder, `shared/`, and at last `admin/` with a copy of the database. */
import { type BackupPart, backupsOf, folderOf, type SavedPart, type SaveProgress } from '../domain/backups/backup.ts'
import type { Keep } from '../domain/backups/keep.ts'
import type { Manifest } from '../domain/backups/manifest.ts'
import { workFolder } from '../domain/files/file-path.ts'
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Room } from '../domain/room.ts'
import { asSentence } from '../lib/as-sentence.ts'
import { TimeLimitError } from '../lib/time-limit.ts'
import type { BackupDisk } from '../ports/backup-disk.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileTrees } from '../ports/file-trees.ts'
import type { HeldFolder, HoldFolder } from './hold-folder.ts'
import type { OpenRepository } from './open-repository.ts'
import { createRemovals } from './removals.ts'
import { whileRoom } from './while-room.ts'

export type RunBackupUses = {
  disk: Pick<BackupDisk, 'room' | 'stage' | 'unstage' | 'leftOutOfAdmin'>
  /** Everybody who has a folder, or has had one. */
  people: () => Promise<UserId[]>
  trees: Pick<FileTrees, 'look' | 'room'>
  open: OpenRepository
  hold: HoldFolder
  /** Removes the snapshots of a run that was killed. */
  tidy: () => Promise<void>
  /** The host's path of a folder of the data root. */
  hostPathOf: (folder: string) => Promise<string>
  /** @throws Problem unless the engine sees the same files as the service */
  requireProven: (signal: AbortSignal) => Promise<void>
  /** The room on the disk of the data root, if the repository is known to be there too. */
  ownRoom: (() => Promise<Room>) | null
  keep: Keep
  rootId: string
  version: string
  clock: Clock
  /** Gets why old backups could not be removed. */
  onError: (error: unknown) => void
}

/** A person's own folder may hold so many files that it never ends. The backup of the others must not wait for it. */
const personLimitMs = 12 * 3_600_000

/** `pause`: the notebooks of a person stand still while their folder is read, unless there is a snapshot of it. */
type Asked = { backupId: string; pause: boolean }

/** The wish behind a recorded job. Pure. */
export function askedIn({ input }: Pick<Job, 'input'>): Asked {
  return { backupId: String(input.backup_id), pause: input.pause === true }
}

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

/**
 * @returns Does the work of a job, and gives its result. It goes on where an earlier run was cut short: a part that has its snapshot
 * is not made again.
 *
 * INVARIANT: the part `admin/` is made last, after a proof. A backup that has it is whole.
 */
export function createRunBackup(uses: RunBackupUses): (asked: Asked, running: Running) => Promise<JobData> {
  const { disk, people, trees, open, hold, tidy, hostPathOf, requireProven } = uses
  const { ownRoom, rootId, version, clock } = uses
  const removals = createRemovals(uses)

  /** A disk that is not mounted leaves an empty folder, which looks as if there were no files. @throws Problem */
  async function requireUsable(part: BackupPart): Promise<void> {
    if (part.kind === 'admin') return
    await trees.look(part, []).catch((error: unknown) => {
      if (!isClosed(part, error)) throw error
    })
  }

  async function diskOf(part: BackupPart): Promise<Room> {
    if (part.kind === 'admin') return await disk.room(part)
    return await trees.room(part).catch((error: unknown) => {
      if (isClosed(part, error)) return disk.room(part)
      throw error
    })
  }

  /** `reject` gets the snapshot of a folder whose disk went away while it was read. */
  async function save(
    { repository, reject }: { repository: BackupRepository; reject: (snapshotId: string) => void },
    { backupId, pause }: Asked,
    part: BackupPart,
    running: Running,
  ) {
    const folder = folderOf(part)
    const limit = part.kind === 'person' ? AbortSignal.timeout(personLimitMs) : null
    const signal = limit ? AbortSignal.any([running.signal, limit]) : running.signal
    running.tell({ ...nothingYet, doing: `backing up ${folder}` })
    await requireUsable(part)
    await using held = await hold(part, { pause, signal })
    const saving = {
      backupId,
      part,
      hostPath: await hostPathOf(held.folder),
      largestFileBytes: (await diskOf(part)).totalBytes,
      without: part.kind === 'admin' ? disk.leftOutOfAdmin : [workFolder],
    }
    try {
      const tell = (done: SaveProgress) => running.tell({ ...done, doing: `backing up ${folder}` })
      const read = (limited: { signal: AbortSignal }) => repository.save(saving, tell, limited)
      const saved = await (ownRoom ? whileRoom(ownRoom, read, { detail: noRoom, signal, clock }) : read({ signal }))
      if (!held.isOfInstant) {
        await requireUsable(part).catch((error: unknown) => {
          if (isSlow(error) && saved.unread.count === 0) return
          reject(saved.snapshotId)
          throw error
        })
      }
      return { ...saved, isOfInstant: held.isOfInstant, paused: held.paused }
    } catch (error) {
      running.signal.throwIfAborted()
      if (limit?.aborted) throw new Problem('not-ready-in-time', `${folder} took longer than 12 hours.`)
      throw error
    }
  }

  return async (asked, running) => {
    const { backupId } = asked
    const { signal, tell } = running
    await requireProven(signal)
    await using opened = await open({ signal, mayBegin: true })
    const { repository } = opened
    await requireProven(signal) // once more: it may have waited for hours
    await tidy()
    const before = backupsOf(await repository.snapshots({ signal })).find(({ id }) => id === backupId)
    const done = new Map(before?.snapshots.map((each) => [folderOf(each.part), each]))
    const parts: Manifest['parts'] = []
    const sum = { addedBytes: 0, ofInstant: 0, paused: 0 }
    const note = (part: BackupPart, saved: Saved) => {
      sum.addedBytes += saved.addedBytes
      sum.ofInstant += saved.isOfInstant ? 1 : 0
      sum.paused += saved.paused
      parts.push(entryOf(part, saved))
    }
    const persons = (await people()).map((userId) => ({ kind: 'person', userId }) as const)
    const all = [...persons, { kind: 'shared' } as const]
    const rejected: string[] = []
    const reject = (snapshotId: string) => void rejected.push(snapshotId)
    const saveOrMakeRoom = (part: BackupPart) =>
      save({ repository, reject }, asked, part, running).catch(async (error: unknown) => {
        throw isProblem(error, 'no-room') ? await roomMade(repository, all.map(folderOf), error, running) : error
      })
    /** Gives the parts that failed, each for itself. */
    const saveEach = async (some: readonly BackupPart[]): Promise<Failed[]> => {
      const failed: Failed[] = []
      for (const part of some) {
        const earlier = done.get(folderOf(part))
        try {
          if (earlier && !before?.isWhole) await requireUsable(part).catch(unlessSlow)
          note(part, earlier ? { ...ofEarlierRun, snapshotId: earlier.id } : await saveOrMakeRoom(part))
        } catch (error) {
          signal.throwIfAborted()
          if (!isOfOnePart(error)) throw error
          failed.push({ part, error })
        }
      }
      return failed
    }
    const failed = await saveEach(all)
    // After a restart of the machine a person's disk may come later than the service.
    const isWorthIt = (each: Failed) => mayGoBetter(each) || done.has(folderOf(each.part))
    const again = await saveEach(failed.filter(isWorthIt).map(({ part }) => part))
    const leftOut: Manifest['left_out'] = [...failed.filter((each) => !isWorthIt(each)), ...again].map(
      ({ part, error }) => ({ folder: folderOf(part), reason: error.adminDetail }),
    )
    const lacking = leftOut.map(({ folder }) => folder)
    if (!before?.isWhole) {
      const half = [...rejected, ...lacking.flatMap((folder) => done.get(folder)?.id ?? [])]
      if (half.length > 0) {
        await requireProven(signal)
        await removals.half(repository, { backupId, snapshotIds: half }, { signal })
      }
      await requireProven(signal) // a disk that went away meanwhile leaves an empty folder, which looks as if nobody had files
      const made: Manifest = {
        ...{ format: 1, backup_id: backupId, root_id: rootId, version, made_at: new Date(clock.now()).toISOString() },
        ...{ parts, left_out: leftOut },
      }
      try {
        await disk.stage((records) => `${JSON.stringify({ ...made, records } satisfies Manifest, null, 2)}\n`)
        note({ kind: 'admin' }, await saveOrMakeRoom({ kind: 'admin' }))
      } finally {
        await disk.unstage()
      }
    }
    tell({ ...nothingYet, doing: 'removing old backups' })
    const notDropped = await removals.old(repository, lacking, { signal })
    return {
      backup_id: backupId,
      files: sumOf(parts, 'files'),
      bytes: sumOf(parts, 'bytes'),
      added_bytes: sum.addedBytes,
      from_snapshots: sum.ofInstant,
      paused_environments: sum.paused,
      unread_files: sumOf(parts, 'unread_files'),
      left_out: leftOut,
      ...(notDropped !== null && { old_ones_stay: notDropped }),
    }
  }

  /** Otherwise a full disk would stay full, because a backup that fails does not come to the old ones. Gives the failure. */
  async function roomMade(
    repository: BackupRepository,
    folders: readonly string[],
    full: Problem,
    { signal, tell }: Running,
  ): Promise<Problem> {
    tell({ ...nothingYet, doing: 'removing old backups' })
    const notDropped = await removals.old(repository, folders, { signal, isFull: true })
    const freed = notDropped === null ? 'What no backup needs was removed.' : 'Old backups could not be removed.'
    const words = (detail: string) => `${asSentence(detail)} ${freed} See docs/backups.md, "A full disk".`
    return new Problem('no-room', words(full.detail), { adminDetail: words(full.adminDetail), cause: full })
  }
}

type Failed = { part: BackupPart; error: Problem }

type Saved = SavedPart & Pick<HeldFolder, 'isOfInstant' | 'paused'>

const ofEarlierRun = {
  ...{ files: 0, bytes: 0, addedBytes: 0, unread: { count: 0, examples: [] } },
  ...{ isOfInstant: false, paused: 0 },
}

const noRoom = 'The disk of the data root, which has the backups too, has too little room left.'

const nothingYet = { doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null }

/**
 * A folder that is missing, cannot be used, or takes too long is left out, and so is one that the backup program fails at: its owner
 * might want that for everybody. Where the repository is the cause, the part `admin/` fails too, and it is never left out.
 */
function isOfOnePart(error: unknown): error is Problem {
  const codes = [
    'data-root-not-proven',
    'file-not-found',
    'folder-unusable',
    'user-folder-unusable',
    'not-ready-in-time',
    'backup-repository-unusable',
  ] as const
  return codes.some((code) => isProblem(error, code))
}

/** Whether a second try may go better: the repository, or a disk, may not have answered for a moment. */
function mayGoBetter({ error }: Failed): boolean {
  return isProblem(error, 'backup-repository-unusable') || isProblem(error, 'folder-unusable')
}

/** A folder that its owner has closed to everybody is there all the same, and the backup program may read it. */
function isClosed({ kind }: BackupPart, error: unknown): boolean {
  if (kind !== 'person' || !isProblem(error, 'folder-unusable')) return false
  const { code } = (error.cause ?? {}) as { code?: string }
  return code === 'EACCES' || code === 'EPERM'
}

/** A disk that does not answer for a moment says nothing of what was read before. */
function isSlow(error: unknown): boolean {
  return isProblem(error, 'folder-unusable') && error.cause instanceof TimeLimitError
}

function unlessSlow(error: unknown): void {
  if (!isSlow(error)) throw error
}

function entryOf(part: BackupPart, { snapshotId, files, bytes, unread }: SavedPart): Manifest['parts'][number] {
  return { folder: folderOf(part), snapshot: snapshotId, files, bytes, unread_files: unread.count }
}

function sumOf(parts: Manifest['parts'], field: 'files' | 'bytes' | 'unread_files'): number {
  return parts.reduce((sum, part) => sum + part[field], 0)
}

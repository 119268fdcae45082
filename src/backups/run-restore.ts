/** Restores a part of a backup, or one file or folder of it, into the folder of a person or the shared one. */
import { backupsOf, folderOf, partOf, snapshotFolderOf } from '../domain/backups/backup.ts'
import { type FilePath, filePath } from '../domain/files/file-path.ts'
import { isReserved, type Tree } from '../domain/files/tree.ts'
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'
import { bytesOf, type Octets, octetsOf } from '../lib/octets.ts'
import type { RestorePlaces } from '../ports/backup-disk.ts'
import type { Clock } from '../ports/clock.ts'
import { snapshotOf } from './backups.ts'
import type { OpenRepository } from './open-repository.ts'

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

export type RunRestoreUses = {
  places: RestorePlaces
  open: OpenRepository
  hostPathOf: (folder: string) => Promise<string>
  requireProven: (signal: AbortSignal) => Promise<void>
  /** @throws Problem forbidden if the person who asked has no right to change what is there any more */
  requireStillChange: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  /** Makes the person's folder if it is gone. */
  ensureFolder: (tree: Tree) => Promise<void>
  /** Puts what is under that path into the trash, if anything is there. */
  toTrash: (by: UserId, tree: Tree, path: FilePath) => Promise<void>
  clock: Pick<Clock, 'sleep'>
}

const lookAtRoomEveryMs = 200
/** A person's own folder may hold so much that its restore keeps the backups waiting. */
const limitMs = 12 * 3_600_000

/**
 * @returns Does the work of a job. First all is restored into a place that no notebook sees; then each entry at its top is moved to
 * where it belongs. A run that was cut short in the first half begins anew, one in the second half goes on: an entry that was moved
 * is in the place no more.
 */
export function createRunRestore(uses: RunRestoreUses): (job: Job, running: Running) => Promise<JobData> {
  const { places, open, hostPathOf, requireProven, requireStillChange, ensureFolder, toTrash, clock } = uses

  async function fill(job: Job, plan: Plan, { signal, tell }: Running): Promise<void> {
    const place = await places.open(job.id)
    if (place.isRestored) return
    tell({ doing: 'waiting until the backups are free', ...nothingYet })
    await using opened = await open({ signal, mayBegin: false })
    const { repository } = opened
    const backup = backupsOf(await repository.snapshots({ signal })).find(({ id }) => id === plan.backupId)
    if (!backup) throw new Problem('backup-not-found', `There is no backup ${plan.backupId} any more.`)
    const snapshot = snapshotOf(backup, plan.part)
    const restoring = { snapshot, path: plan.path.join('/'), hostPath: await hostPathOf(place.folder) }
    const doing = `restoring ${[folderOf(plan.part), ...plan.path].join('/')}`
    tell({ doing, ...nothingYet })
    await whileRoom(signal, (limited) =>
      repository.restore(restoring, (done) => tell({ ...done, doing }), { signal: limited }),
    )
    await places.seal(job.id)
  }

  /** Ends the work before it takes the last room of the disk, which the records of the lab need. @throws Problem no-room */
  async function whileRoom(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const done = new AbortController()
    const short = new AbortController()
    const look = async () => {
      while (!done.signal.aborted) {
        if ((await places.room()).freeBytes < roomLimits.problem.bytes) return short.abort(noRoom())
        await clock.sleep(lookAtRoomEveryMs, { signal: done.signal })
      }
    }
    const looking = look().catch((error: unknown) => short.abort(error))
    const late = AbortSignal.timeout(limitMs)
    try {
      await work(AbortSignal.any([signal, short.signal, late]))
    } catch (error) {
      if (late.aborted)
        throw new Problem('not-ready-in-time', 'The restore took longer than 12 hours.', { cause: error })
      throw error
    } finally {
      done.abort()
      await looking
    }
  }

  async function moveOut(job: Job, { part, path, from, to }: Plan, signal: AbortSignal): Promise<number> {
    await ensureFolder(part)
    const last = path.at(-1)
    const isAsked = (name: Octets) => (last === undefined ? !isReserved(part, name) : name === octetsOf(last))
    const names = (await places.entries(job.id, from)).filter(isAsked)
    for (const name of names) {
      signal.throwIfAborted()
      const text = bytesOf(name).toString()
      // A name that is no text cannot be in the records of the trash: then the move refuses to replace what is there.
      if (octetsOf(text) === name) await toTrash(job.userId, part, [...to, text])
      await places.moveOut(job.id, { folder: from, name }, { tree: part, folder: to })
    }
    return names.length
  }

  return async (job, running) => {
    const { signal } = running
    const plan = planOf(job)
    const target = plan.inPlace ? plan.path : plan.to
    const stillMay = () => requireStillChange(job.userId, plan.part, target)
    await stillMay()
    await requireProven(signal)
    try {
      await fill(job, plan, running)
      await stillMay() // it may have taken hours
    } catch (error) {
      await places.remove(job.id)
      throw error
    }
    const moved = await moveOut(job, plan, signal).catch(async (error: unknown) => {
      // A service that closes goes on at its next start.
      if (!signal.aborted) await places.remove(job.id)
      throw error
    })
    await places.remove(job.id)
    if (moved === 0 && plan.path.length > 0) {
      throw new Problem('file-not-found', `The backup has no ${plan.path.join('/')}.`)
    }
    return { folder: folderOf(plan.part), to: plan.to.join('/'), entries: moved }
  }
}

type Plan = {
  backupId: string
  part: Tree
  inPlace: boolean
  /** The entries to restore, relative to the folder of the part. */
  path: FilePath
  /** The folder of the place whose entries move. */
  from: readonly string[]
  /** The folder that they move into, relative to that of the part. */
  to: FilePath
}

/** What a recorded job has to do. Pure. */
export function planOf({ input }: Pick<Job, 'input'>): Plan {
  const part = partOf(String(input.folder))
  if (!part || part.kind === 'admin') throw unreadable()
  const path = filePath(String(input.path))
  const above = path.slice(0, -1)
  const backupId = String(input.backup_id)
  return {
    backupId,
    part,
    path,
    from: [snapshotFolderOf(part), ...above],
    inPlace: input.in_place === true,
    to: input.in_place === true ? above : restoredFolder(backupId),
  }
}

/** Where a restore goes that is not to be in place. */
export function restoredFolder(backupId: string): FilePath {
  return [`restored-${backupId}`]
}

const nothingYet = { doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null }

function noRoom(): Problem {
  return new Problem('no-room', 'The disk has too little room left for the restore; nothing was changed.')
}

function unreadable(): Problem {
  return new Problem('wrong-state', 'This version of the service cannot read the record of the restore.')
}

/** Restores a part of a backup, or one file or folder of it, into the folder of a person or the shared one. */
import { backupsOf, folderOf, partOf, snapshotFolderOf } from '../domain/backups/backup.ts'
import { type FilePath, filePath } from '../domain/files/file-path.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import { Problem } from '../domain/problem.ts'
import { octetsOf } from '../lib/octets.ts'
import type { RestorePlaces } from '../ports/backup-disk.ts'
import type { Clock } from '../ports/clock.ts'
import { snapshotOf } from './backups.ts'
import type { OpenRepository } from './open-repository.ts'
import type { createRestoreInto } from './restore-into.ts'
import { whileRoom } from './while-room.ts'

type Running = { signal: AbortSignal; tell: (progress: Progress) => void }

export type RunRestoreUses = {
  places: Pick<RestorePlaces, 'room' | 'entries'>
  restoreInto: ReturnType<typeof createRestoreInto>
  open: OpenRepository
  hostPathOf: (folder: string) => Promise<string>
  clock: Pick<Clock, 'sleep'>
}

/** A person's own folder may hold so much that its restore keeps the backups waiting. */
const limitMs = 12 * 3_600_000
const noRoom = 'The disk has too little room left for the restore; nothing was changed.'

/** @returns Does the work of a job, as `createRestoreInto` says. */
export function createRunRestore(uses: RunRestoreUses): (job: Job, running: Running) => Promise<JobData> {
  const { places, restoreInto, open, hostPathOf, clock } = uses

  async function fill(folder: string, plan: Plan, { signal, tell }: Running): Promise<void> {
    tell({ doing: 'waiting until the backups are free', ...nothingYet })
    await using opened = await open({ signal, mayBegin: false })
    const { repository } = opened
    const backup = backupsOf(await repository.snapshots({ signal })).find(({ id }) => id === plan.backupId)
    if (!backup) throw new Problem('backup-not-found', `There is no backup ${plan.backupId} any more.`)
    const snapshot = snapshotOf(backup, plan.part)
    const restoring = { snapshot, path: plan.path.join('/'), hostPath: await hostPathOf(folder) }
    const doing = `restoring ${[folderOf(plan.part), ...plan.path].join('/')}`
    tell({ doing, ...nothingYet })
    const restore = (limited: { signal: AbortSignal }) =>
      repository.restore(restoring, (done) => tell({ ...done, doing }), limited)
    await inTime(signal, (limited) => whileRoom(places.room, restore, { detail: noRoom, signal: limited, clock }))
  }

  async function inTime(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const late = AbortSignal.timeout(limitMs)
    try {
      await work(AbortSignal.any([signal, late]))
    } catch (error) {
      if (late.aborted)
        throw new Problem('not-ready-in-time', 'The restore took longer than 12 hours.', { cause: error })
      throw error
    }
  }

  return async (job, running) => {
    const plan = planOf(job)
    const { part, path, from, to, inPlace } = plan
    const only = path.at(-1) ?? null
    const fillPlace = async (folder: string) => {
      await fill(folder, plan, running)
      if (only === null || (await places.entries(job.id, from)).includes(octetsOf(only))) return
      throw new Problem('file-not-found', `The backup has no ${path.join('/')}.`)
    }
    const move = { tree: part, from, only, to, target: inPlace ? path : to }
    const entries = await restoreInto(job, move, fillPlace, running)
    return { folder: folderOf(part), to: to.join('/'), entries }
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

function unreadable(): Problem {
  return new Problem('wrong-state', 'This version of the service cannot read the record of the restore.')
}

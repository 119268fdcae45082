/** The backups of one tree, for those to whom its files belong: look into them, and bring back what was lost. */
import {
  type Backup,
  type BackupSnapshot,
  begunAt,
  type EntriesPage,
  folderOf,
  type RepositoryEntry,
} from '../domain/backups/backup.ts'
import type { FilePath } from '../domain/files/file-path.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { Account, Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Turns } from '../lib/turns.ts'
import type { Clock } from '../ports/clock.ts'
import { type BackupFile, type Backups, backupNotFound } from './backups.ts'
import type { BeginRestore } from './begin-restore.ts'
import { restoredFolder } from './run-restore.ts'
import { whileAllowed } from './while-allowed.ts'

type Options = { signal: AbortSignal }

/** Every call throws Problem forbidden. */
export type TreeBackups = {
  /** The backups that have the tree, the newest first. */
  list(caller: Caller, tree: Tree, options: Options): Promise<Backup[]>
  /** A folder as it was, by name. @throws Problem backup-not-found, not-found */
  entries(
    caller: Caller,
    at: { tree: Tree; id: string; path: FilePath },
    page: EntriesPage,
    options: Options,
  ): Promise<RepositoryEntry[]>
  /** A file as it was. Its reading ends when the right to it ends. @throws Problem backup-not-found, file-not-found, wrong-kind */
  file(caller: Caller, at: { tree: Tree; id: string; path: FilePath }, options: Options): Promise<BackupFile>
  /** @throws Problem backup-not-found, user-not-found, storage-full, job-under-way */
  restore(
    caller: Caller,
    tree: Tree,
    what: { id: string; path: FilePath; inPlace: boolean },
    options: Options,
  ): Promise<Job>
}

// Each look costs a container, and everybody may look.
const looksAtOnce = 2
const anyName = '*'

export function createTreeBackups(deps: {
  backups: Pick<Backups, 'list' | 'entries' | 'file'>
  beginRestore: BeginRestore
  requireVisible: (caller: Caller, tree: Tree) => void
  requireChange: (caller: Caller, tree: Tree, path: FilePath) => Promise<void>
  /** @throws Problem storage-full */
  requireRoom: (id: UserId, what: string) => Promise<void>
  account: (id: UserId) => Promise<Pick<Account, 'createdAt'> | null>
  clock: Pick<Clock, 'sleep'>
}): TreeBackups {
  const { backups, beginRestore, requireVisible, requireChange, requireRoom, account, clock } = deps
  const turns = new Turns(looksAtOnce)

  async function inTurn<T>(caller: Caller, { signal }: Options, look: () => Promise<T>): Promise<T> {
    using _turn = await turns.acquire(caller.userId, { group: caller.userId, signal })
    return await look()
  }

  /** An id may have belonged to somebody else before: a person sees no backup that is older than their account. */
  async function theirsSince(caller: Caller, tree: Tree): Promise<number> {
    if (tree.kind !== 'person' || can(caller, 'backup:manage')) return 0
    return secondOf((await account(tree.userId))?.createdAt ?? Number.POSITIVE_INFINITY)
  }

  async function requireTheirs(caller: Caller, tree: Tree, id: string): Promise<void> {
    if (begunAt(id) < (await theirsSince(caller, tree))) throw backupNotFound(id)
  }

  async function requireLook(caller: Caller, { tree, id, path }: { tree: Tree; id: string; path: FilePath }) {
    // Somebody may have removed a file from `shared/` so that nobody reads it: only those who may change the folder see it here.
    if (tree.kind === 'shared') await requireChange(caller, tree, path)
    requireVisible(caller, tree)
    await requireTheirs(caller, tree, id)
  }

  return {
    async list(caller, tree, options) {
      requireVisible(caller, tree)
      const all = await inTurn(caller, options, () => backups.list(options))
      const since = await theirsSince(caller, tree)
      return all.filter(({ id, snapshots }) => begunAt(id) >= since && snapshots.some(isOf(tree)))
    },

    async entries(caller, { tree, id, path }, page, options) {
      await requireLook(caller, { tree, id, path: [...path, anyName] })
      return await inTurn(caller, options, () =>
        backups.entries({ id, part: tree, path: path.join('/') }, page, options),
      )
    },

    async file(caller, { tree, id, path }, options) {
      const mayLook = () => requireLook(caller, { tree, id, path })
      await mayLook()
      const at = { id, part: tree, path: path.join('/') }
      const { entry, read } = await inTurn(caller, options, () => backups.file(at, options))
      // The turn and the sending take long: somebody may close the folder meanwhile.
      return {
        entry,
        read: (take, { signal }) => whileAllowed(mayLook, (allowed) => read(take, allowed), { signal, clock }),
      }
    },

    async restore(caller, tree, { id, path, inPlace }, options) {
      await requireChange(caller, tree, path)
      await requireChange(caller, tree, inPlace ? path : restoredFolder(id))
      await requireTheirs(caller, tree, id)
      if (tree.kind === 'person') await requireRoom(tree.userId, 'The restore')
      return await inTurn(caller, options, () =>
        beginRestore(caller.userId, id, { part: tree, path, inPlace }, options),
      )
    },
  }
}

function isOf(tree: Tree): (snapshot: BackupSnapshot) => boolean {
  return ({ part }) => folderOf(part) === folderOf(tree)
}

/** Ids of backups tell whole seconds. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}

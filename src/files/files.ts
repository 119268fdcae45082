/** The files of people and the shared ones, for those who may see and change them. */
import type { ArchiveFormat } from '../domain/files/archive-format.ts'
import { requireConditions } from '../domain/files/conditions.ts'
import { type Entry, entityTag, type Sorting } from '../domain/files/entry.ts'
import { type FilePath, pathText } from '../domain/files/file-path.ts'
import type { Place } from '../domain/files/place.ts'
import { requireUnreserved, type Tree, treeName } from '../domain/files/tree.ts'
import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { roomLimits } from '../domain/room.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { DataRoot } from '../ports/data-root.ts'
import type {
  AdoptOptions,
  FileTrees,
  FoundEntry,
  OpenedFile,
  WriteOptions,
  Written,
  WrittenFile,
} from '../ports/file-trees.ts'
import type { UploadServer } from '../ports/upload-server.ts'
import { type RequireChange, requireVisibleTree } from './entitled.ts'
import { type Allowed, type Asked, createPromiseRoom, type Promised } from './promised-room.ts'

const foundAtMost = 200
const searchLimitMs = 10_000

export type Page = { sort: Sorting; after: string | null; limit: number }
export type Listed = { entries: Entry[]; next: string | null }
export type FoundEntries = { items: FoundEntry[]; isComplete: boolean }

/** Every call throws Problem forbidden, and what FileTrees throws. */
export type Files = {
  /** @throws Problem file-not-found, user-not-found */
  look(caller: Caller, tree: Tree, path: FilePath): Promise<Entry>
  list(caller: Caller, tree: Tree, path: FilePath, page: Page): Promise<Listed>
  /** Whether the caller may change what is in a folder. Throws nothing if they may not. */
  isChangeable(caller: Caller, tree: Tree, folder: FilePath): Promise<boolean>
  open(caller: Caller, tree: Tree, path: FilePath): Promise<OpenedFile>
  archive(
    caller: Caller,
    tree: Tree,
    path: FilePath,
    options: { format: ArchiveFormat; signal: AbortSignal },
  ): Promise<AsyncIterable<Buffer>>
  /** Entries whose names contain the text: 200 at most, and those of the first ten seconds. */
  search(caller: Caller, tree: Tree, path: FilePath, text: string, signal: AbortSignal): Promise<FoundEntries>
  /** `sizeBytes`: what the caller announces; null if it is not known. @throws Problem no-room */
  write(
    caller: Caller,
    tree: Tree,
    path: FilePath,
    content: AsyncIterable<Buffer>,
    options: WriteOptions & { sizeBytes: number | null },
  ): Promise<Written>
  /** Checks that an upload may become that file. @throws Problem user-not-found */
  requireUpload(caller: Caller, place: Place): Promise<void>
  /** Checks that the file is as the caller knows it, before its bytes come. The end checks it again. @throws Problem precondition-failed */
  requireAsKnown(caller: Caller, place: Place, conditions: Conditions): Promise<void>
  /** Checks the same before a request brings bytes, and gives it the room for them. @throws Problem no-room, storage-full, user-not-found */
  promiseUpload(caller: Caller, place: Place, asked: Omit<Asked, 'userId' | 'by'>): Promise<Promised>
  /** Gives a copy the room below the limit of a person: `bytes` is what it copies. @throws Problem storage-full */
  promiseCopy(tree: Tree, bytes: number): Promise<Promised>
  /** Gives a finished upload its name. */
  adopt(caller: Caller, place: Place, file: string, options: AdoptOptions): Promise<Written>
  makeFolder(caller: Caller, tree: Tree, path: FilePath): Promise<Written>
  /** Prepares a copy that makes something at a path. @throws Problem file-exists, user-not-found, no-room, storage-full */
  requireFree(caller: Caller, place: Place): Promise<void>
  move(caller: Caller, tree: Tree, from: FilePath, to: FilePath, conditions: Conditions): Promise<Entry>
}

type Conditions = Pick<WriteOptions, 'ifMatch' | 'ifNoneMatch'>

/** The limits of what people may store. */
export type Storage = {
  /** @throws Problem storage-full if a person is over their limit, or would be. `what`: the refused thing */
  requireRoom(id: UserId, what: string, moreBytes?: number): Promise<void>
  /** What a person may store, and does as far as is known; null if that is not limited. */
  roomFor(id: UserId): Promise<{ limitBytes: number; usedBytes: number } | null>
  /** Notes what was written for a person, or removed (less than 0). `file`: the path if it is one file. */
  wrote(id: UserId, bytes: number, file?: string): void
}

const anyName = '*'

export function createFiles(deps: {
  trees: FileTrees
  accounts: Pick<AccountStore, 'account'>
  /** Makes each person's folder only once. `noteUserFolder` records one that is there. */
  folders: Pick<DataRoot, 'ensureUserFolder'> & { noteUserFolder(id: UserId): Promise<void> }
  storage: Storage
  requireChange: RequireChange
  /** The same at the end of an upload, by the caller's rights of that moment. */
  requireStill: RequireChange
  /** The room where resumable uploads wait for their end. */
  roomOfUploads: () => Promise<{ freeBytes: number }>
  /** What the unfinished uploads into a person's folder hold, without some of them. */
  waitingBytesOf: UploadServer['waitingBytesOf']
}): Files {
  const { trees, accounts, folders, storage, requireChange, requireStill, roomOfUploads, waitingBytesOf } = deps
  const promiseRoom = createPromiseRoom()

  /** A person has no folder before their first environment or upload: it then counts as empty. */
  async function orEmpty<T>(tree: Tree, path: FilePath, empty: T, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (tree.kind !== 'person' || path.length > 0 || !isProblem(error, 'file-not-found')) throw error
      await requireAccount(tree.userId)
      return empty
    }
  }

  async function requireAccount(userId: UserId): Promise<void> {
    if (!(await accounts.account(userId))) throw new Problem('user-not-found', `There is no user ${userId}.`)
  }

  /** @throws Problem forbidden, user-not-found, user-folder-unusable */
  async function requireChangeable(caller: Caller, tree: Tree, ...paths: FilePath[]): Promise<void> {
    for (const path of paths) {
      await requireChange(caller, tree, path)
      requireUnreserved(tree, path)
    }
    if (tree.kind !== 'person') return
    await requireAccount(tree.userId)
    // On an empty disk that took the place of another, no folder may be made: looking at the tree tells.
    if ((await trees.look(tree, [])) === null) await folders.ensureUserFolder(tree.userId)
    else await folders.noteUserFolder(tree.userId)
  }

  const roomOf = async (tree: Tree) => (await trees.room(tree)).freeBytes

  async function allowedTo(userId: UserId, underWay: readonly unknown[]): Promise<Allowed | null> {
    const room = await storage.roomFor(userId)
    return room && { ...room, waitingBytes: await waitingBytesOf(userId, underWay) }
  }

  /** @throws Problem no-room, storage-full */
  async function promised(tree: Tree, asked: Omit<Asked, 'userId'>, freeBytes = () => roomOf(tree)): Promise<Promised> {
    const userId = tree.kind === 'person' ? tree.userId : null
    const what = asked.by === null ? 'The copy' : 'The upload'
    // A person who is over their limit reads by how much.
    if (userId) await storage.requireRoom(userId, what, asked.comingBytes ?? 0)
    return await promiseRoom({ ...asked, userId }, async (underWay) => ({
      freeBytes: await freeBytes(),
      allowed: userId && (await allowedTo(userId, underWay)),
    }))
  }

  function noteWritten({ tree, path }: Place, { addedBytes }: WrittenFile): void {
    if (tree.kind === 'person') storage.wrote(tree.userId, addedBytes, pathText(path))
  }

  function requireVisible(caller: Caller, tree: Tree, path: FilePath): void {
    requireVisibleTree(caller, tree)
    requireUnreserved(tree, path)
  }

  return {
    async look(caller, tree, path) {
      requireVisible(caller, tree, path)
      const entry = await trees.look(tree, path)
      if (entry) return entry
      throw new Problem('file-not-found', `There is no ${path.length > 0 ? pathText(path) : treeName(tree)}.`)
    },

    async list(caller, tree, path, page) {
      requireVisible(caller, tree, path)
      return await orEmpty<Listed>(tree, path, { entries: [], next: null }, () => trees.list(tree, path, page))
    },

    async isChangeable(caller, tree, folder) {
      try {
        await requireChange(caller, tree, [...folder, anyName])
        return true
      } catch (error) {
        if (isProblem(error, 'forbidden')) return false
        throw error
      }
    },

    async open(caller, tree, path) {
      requireVisible(caller, tree, path)
      return await trees.open(tree, path)
    },

    async archive(caller, tree, path, options) {
      requireVisible(caller, tree, path)
      return await trees.archive(tree, path, options)
    },

    async search(caller, tree, path, text, signal) {
      requireVisible(caller, tree, path)
      const limit = AbortSignal.any([signal, AbortSignal.timeout(searchLimitMs)])
      const items: FoundEntry[] = []
      return await orEmpty<FoundEntries>(tree, path, { items, isComplete: true }, async () => {
        for await (const found of trees.search(tree, path, text, { signal: limit })) {
          if (items.length === foundAtMost) return { items, isComplete: false }
          items.push(found)
        }
        return { items, isComplete: !limit.aborted }
      })
    },

    async write(caller, tree, path, content, { sizeBytes, ...options }) {
      await requireChangeable(caller, tree, path)
      const asked = { key: {}, by: caller.userId, comingBytes: sizeBytes, storedBytes: 0 }
      using room = await promised(tree, asked)
      const onWhole = () => requireStill(caller, tree, path)
      const written = await trees.write(tree, path, content, { ...options, onBytes: room.onBytes, onWhole })
      room.keep()
      noteWritten({ tree, path }, written)
      return written
    },

    async requireUpload(caller, { tree, path }) {
      await requireChangeable(caller, tree, path)
    },

    async requireAsKnown(caller, { tree, path }, conditions) {
      if (conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) return
      await requireChangeable(caller, tree, path)
      const entry = await trees.look(tree, path)
      requireConditions(conditions, entry && entityTag(entry))
    },

    async promiseUpload(caller, { tree, path }, asked) {
      await requireChangeable(caller, tree, path)
      // Its bytes wait in admin/, which may be a disk of its own, and go to the tree at the end.
      const freeBytes = async () => Math.min(await roomOf(tree), (await roomOfUploads()).freeBytes)
      return await promised(tree, { ...asked, by: caller.userId }, freeBytes)
    },

    async promiseCopy(tree, bytes) {
      const asked = { key: {}, by: null, comingBytes: bytes, storedBytes: 0 }
      return await promised(tree, asked, async () => Number.POSITIVE_INFINITY)
    },

    async adopt(caller, { tree, path }, file, options) {
      await requireChangeable(caller, tree, path)
      const onWhole = () => requireStill(caller, tree, path)
      const written = await trees.adopt(tree, path, file, { ...options, onWhole })
      noteWritten({ tree, path }, written)
      return written
    },

    async makeFolder(caller, tree, path) {
      await requireChangeable(caller, tree, path)
      return await trees.makeFolder(tree, path)
    },

    async requireFree(caller, { tree, path }) {
      await requireChangeable(caller, tree, path)
      if (tree.kind === 'person') await storage.requireRoom(tree.userId, 'The copy')
      if ((await trees.room(tree)).freeBytes < roomLimits.problem.bytes) {
        throw new Problem('no-room', 'The disk has too little room left for a copy; nothing was changed.')
      }
      if (await trees.look(tree, path)) throw new Problem('file-exists', `There is a ${pathText(path)} already.`)
    },

    async move(caller, tree, from, to, conditions) {
      await requireChangeable(caller, tree, from, to)
      return await trees.move(tree, from, to, conditions)
    },
  }
}

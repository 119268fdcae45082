import { requireConditions } from '../../domain/files/conditions.ts'
import { type Entry, entityTag, identityOf } from '../../domain/files/entry.ts'
import { type FilePath, isWithin } from '../../domain/files/file-path.ts'
import { isReserved, type Tree, treeName } from '../../domain/files/tree.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import type { UserId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import type { Octets } from '../../lib/octets.ts'
import { createOneAtATime } from '../../lib/one-at-a-time.ts'
import type { FileTrees } from '../../ports/file-trees.ts'
import { createCalls } from '../calls.ts'
import { makeDurable } from '../carry-folder.ts'
import type { Folder } from '../folder.ts'
import { archiveTree } from './archive-tree.ts'
import { copyTree } from './copy-tree.ts'
import { draftName } from './draft-name.ts'
import { describe, entryIn, pageOf, requireEntry, treeEntry } from './entries.ts'
import { createKeepRoom } from './keep-room.ts'
import type { KeptNames } from './kept-names.ts'
import { openOrMakeFolder, removeMade, requireOneDisk } from './make-folders.ts'
import { openFileIn } from './open-file.ts'
import { descend, openTree, openWorkFolder, parentOf, translated } from './open-tree.ts'
import { place } from './place.ts'
import { searchTree } from './search-tree.ts'
import { removeAll } from './trash.ts'
import { createTreeTrash } from './tree-trash.ts'
import { type Look, publishWhole, stageFile, stageUpload } from './write-file.ts'

const answersWithinMs = 10_000
/** A process has four, unless UV_THREADPOOL_SIZE says otherwise. */
const usualThreads = 4

type Options = {
  root: string
  rootId: string
  /** Whom new files belong to; null if that is the service's own user. */
  owner: Owner | null
  /** Whether a person has had a folder. */
  hadFolder: (id: UserId) => Promise<boolean>
  keptNames: KeptNames
  /** How many threads the process has for calls to file systems. */
  threads?: number
  /** The longest that a call to a disk is waited for. */
  limitMs?: number
  /** What a copy leaves free on its disk. */
  keepFreeBytes?: number
}

/** The files of a data root. */
export function createFileTrees({
  root,
  rootId,
  owner,
  hadFolder,
  keptNames,
  threads = usualThreads,
  limitMs = answersWithinMs,
  keepFreeBytes = 0,
}: Options): FileTrees {
  // People's disks may hang: the rest of the service keeps six threads, or two of four.
  const all = Math.max(2, threads - 6)
  const callsAt = createCalls({ all, each: Math.max(1, Math.floor(all * 0.4)), limitMs })
  const uses = { root, rootId, callsAt, owner, hadFolder }
  // Between the look at what is there and the change, no other request changes the same tree.
  const oneAtATime = createOneAtATime()
  const lookOf = ({ kind }: Tree): Look =>
    kind === 'shared' ? { owner, fileMode: 0o664, folderMode: 0o775 } : { owner, fileMode: 0o644, folderMode: 0o755 }
  const open = (tree: Tree) => openTree(uses, tree)
  const hidden = (tree: Tree, path: FilePath) => (name: Octets) => path.length === 0 && isReserved(tree, name)

  /** Runs work in an open folder of a tree, and turns system errors into problems about `path`. */
  async function within<T>(tree: Tree, folder: FilePath, path: FilePath, work: (at: Folder) => Promise<T>): Promise<T> {
    try {
      await using at = await descend(await open(tree), folder, owner)
      return await work(at)
    } catch (error) {
      throw translated(error, path)
    }
  }

  /**
   * Opens the folders that a change needs, made where they are missing, with the work folder beside them. If the change fails, those that
   * were made for it go again.
   */
  async function changing<T>(
    tree: Tree,
    path: FilePath,
    work: (at: { folder: Folder; name: Octets; work: Folder }) => Promise<T>,
  ): Promise<T> {
    const { above, name } = parentOf(path)
    try {
      await using whole = await open(tree)
      await using drafts = await openWorkFolder(whole)
      return await oneAtATime(treeName(tree), async () => {
        const { folder, made } = await openOrMakeFolder(whole, drafts, above, lookOf(tree))
        await using opened = folder
        try {
          return await work({ folder: opened, name, work: drafts })
        } catch (error) {
          await removeMade(whole, above, made).catch(() => {})
          throw error
        }
      })
    } catch (error) {
      throw translated(error, path)
    }
  }

  /** Makes a copy while other requests may change the tree, then gives it its name. `onWhole`: as CopyOptions has it. */
  async function publishCopy(
    { tree, path }: { tree: Tree; path: FilePath },
    make: (work: Folder, draft: Octets) => Promise<void>,
    onWhole: (identity: string) => Promise<void>,
  ): Promise<Entry> {
    const draft = draftName('copy')
    try {
      await using whole = await open(tree)
      await using work = await openWorkFolder(whole)
      await requireOneDisk(whole, work, parentOf(path).above)
      try {
        await make(work, draft)
        await makeDurable(work)
        await onWhole(identityOf(await requireEntry(work, draft, path)))
        return await changing(tree, path, async (target) => {
          await place(work, draft, target.folder, target.name)
          await target.folder.handle.sync()
          return await requireEntry(target.folder, target.name, path)
        })
      } finally {
        await removeAll(work, draft)
      }
    } catch (error) {
      throw translated(error, path)
    }
  }

  return {
    async look(tree, path) {
      if (path.length === 0) return await within<Entry | null>(tree, [], path, treeEntry).catch(nullIfMissing)
      const { above, name } = parentOf(path)
      return await within(tree, above, path, (folder) => entryIn(folder, name)).catch(nullIfMissing)
    },

    list: (tree, path, page) =>
      within(tree, path, path, async (folder) => {
        const names = await keptNames.of(folder)
        return await pageOf(folder, names, { ...page, isHidden: hidden(tree, path) })
      }),

    async open(tree, path) {
      const { above, name } = parentOf(path)
      return await within(tree, above, path, (folder) => openFileIn(folder, name, owner))
    },

    async write(tree, path, content, writing) {
      const draft = draftName('upload')
      try {
        await using whole = await open(tree)
        await using work = await openWorkFolder(whole)
        await requireOneDisk(whole, work, parentOf(path).above)
        await stageFile(work, draft, content, writing)
        try {
          return await changing(tree, path, (at) => publishWhole({ ...at, draft, look: lookOf(tree) }, writing))
        } finally {
          await work.remove(draft)
        }
      } catch (error) {
        throw translated(error, path)
      }
    },

    async adopt(tree, path, file, options) {
      const draft = draftName('upload')
      try {
        await using whole = await open(tree)
        await using work = await openWorkFolder(whole)
        try {
          await stageUpload(file, work, draft, { ...options, keepFreeBytes })
          return await changing(tree, path, (at) => publishWhole({ ...at, draft, look: lookOf(tree) }, options))
        } finally {
          await work.remove(draft)
        }
      } catch (error) {
        throw translated(error, path)
      }
    },

    async makeFolder(tree, path) {
      try {
        await using whole = await open(tree)
        await using work = await openWorkFolder(whole)
        const made = await oneAtATime(treeName(tree), () => openOrMakeFolder(whole, work, path, lookOf(tree)))
        await using folder = made.folder
        const stats = await folder.handle.stat({ bigint: true })
        return {
          entry: { name: path.at(-1) ?? '', isExact: true, target: null, ...describe(stats) },
          isNew: made.made > 0,
        }
      } catch (error) {
        throw translated(error, path)
      }
    },

    async move(tree, from, to, conditions) {
      if (isWithin(to, from)) throw intoItself()
      const { above, name } = parentOf(from)
      return await changing(tree, to, async (target) => {
        await using source = await descend(await open(tree), above, owner)
        const entry = await requireEntry(source, name, from)
        requireConditions(conditions, entityTag(entry))
        await place(source, name, target.folder, target.name)
        await Promise.all([source.handle.sync(), target.folder.handle.sync()])
        return await requireEntry(target.folder, target.name, to)
      })
    },

    async copy(from, to, { signal, onSized, tell, onWhole }) {
      if (treeName(from.tree) === treeName(to.tree) && isWithin(to.path, from.path)) throw intoItself()
      const { above, name } = parentOf(from.path)
      const make = (work: Folder, draft: Octets) =>
        within(from.tree, above, from.path, async (source) => {
          await requireEntry(source, name, from.path)
          const onWritten = createKeepRoom(work, keepFreeBytes)
          await copyTree(source, name, work, draft, { owner, signal, onSized, tell, onWritten })
        })
      return await publishCopy(to, make, async (identity) => {
        await onWhole?.(identity)
        signal.throwIfAborted()
      })
    },

    room: (tree) => within(tree, [], [], (whole) => whole.room()),

    async *search(tree, path, text, { signal }) {
      try {
        await using folder = await descend(await open(tree), path, owner)
        yield* searchTree(folder, text, { owner, signal, isHidden: hidden(tree, path) })
      } catch (error) {
        throw translated(error, path)
      }
    },

    async archive(tree, path, { format, signal }) {
      try {
        await using folder = await descend(await open(tree), path, owner)
        return await archiveTree(folder, format, { signal, owner, isHidden: hidden(tree, path) })
      } catch (error) {
        throw translated(error, path)
      }
    },

    ...createTreeTrash({ root, owner, keepFreeBytes, open, within, changing, publishCopy, oneAtATime }),
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Problem && error.code === 'file-not-found') return null
  throw error
}

function intoItself(): Problem {
  return new Problem('invalid-request', 'A folder cannot be moved or copied into itself.', {
    errors: [{ pointer: '/to', detail: 'name a path that is not within the first one' }],
  })
}

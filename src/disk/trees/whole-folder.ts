/** How all that is in the folder of a tree goes to the trash as one folder, and comes back; and how the empty folder goes. */
import type { Entry } from '../../domain/files/entry.ts'
import { type FilePath, workFolder } from '../../domain/files/file-path.ts'
import { isReserved, type Tree, treeName } from '../../domain/files/tree.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { isProblem, Problem } from '../../domain/problem.ts'
import { type Octets, octetsOf } from '../../lib/octets.ts'
import type { OneAtATime } from '../../lib/one-at-a-time.ts'
import type { FileTrees, FolderLeft } from '../../ports/file-trees.ts'
import { makeDurable } from '../carry-folder.ts'
import { isCode } from '../files.ts'
import { Folder } from '../folder.ts'
import { draftName, leavingName } from './draft-name.ts'
import { treeEntry } from './entries.ts'
import { createKeepRoom } from './keep-room.ts'
import { inWords, mountedThere, mountsBelow, nameOf } from './mounts-below.ts'
import { openWorkFolder, openWorkFolderIfThere } from './open-tree.ts'
import { place } from './place.ts'
import { copyBack, findTrashed, openTrash, removeAll, removeLeaving, removeTrashed, tidyWork } from './trash.ts'
import type { TrashTurns } from './trash-turns.ts'

/** As in tree-trash.ts. */
type Uses = {
  root: string
  owner: Owner | null
  keepFreeBytes: number
  within<T>(tree: Tree, folder: FilePath, path: FilePath, work: (at: Folder) => Promise<T>): Promise<T>
  oneAtATime: OneAtATime
  trashTurns: TrashTurns
  carry(id: string, work: Folder, trash: Folder, signal: AbortSignal): Promise<number | null>
  bringToEnd(id: string, work: Folder, trash: Folder, signal: AbortSignal): Promise<void>
}

type WholeFolder = Pick<FileTrees, 'allToTrash' | 'removeFolder'> & {
  /** Brings back what was in the folder of a tree, entry by entry. One that was cut short goes on when it is asked for again. */
  allFromTrash(id: string, tree: Tree, onWhole?: () => Promise<void>): Promise<Entry>
}

export function createWholeFolder(uses: Uses): WholeFolder {
  const { root, owner, keepFreeBytes, within, trashTurns, carry, bringToEnd } = uses
  const changeOne = <T>(tree: Tree, change: () => Promise<T>) => uses.oneAtATime(treeName(tree), change)

  /** Brings one entry back from another disk. */
  async function copyOne(source: Folder, name: Octets, work: Folder, publish: (draft: Octets) => Promise<void>) {
    const draft = draftName('copy')
    try {
      await copyBack({ at: source, as: name }, work, draft, createKeepRoom(work, keepFreeBytes))
      await makeDurable(work)
      await publish(draft)
    } finally {
      await removeAll(work, draft)
    }
    await removeAll(source, name)
  }

  return {
    async allToTrash(tree, id, { signal }) {
      return await trashTurns.carry(id, (removed) =>
        within(tree, [], [], async (whole) => {
          const names = (await whole.names()).filter((name) => !isReserved(tree, name))
          if (names.length === 0) return { entries: 0, bytes: null }
          await using work = await openWorkFolder(whole)
          await using trash = await openTrash(root)
          await using leaving = await work.makeFolder(leavingName(id))
          if (owner) await leaving.handle.chown(owner.uid, owner.gid)
          const stuck = await changeOne(tree, () => gather(names, whole, leaving, signal))
          const bytes = await carry(id, work, trash, AbortSignal.any([removed, signal]))
          signal.throwIfAborted()
          if (stuck.length > 0) throw mountedThere(stuck)
          return { entries: names.length, bytes }
        }),
      )
    },

    async removeFolder(tree, { signal }) {
      await using trash = await openTrash(root)
      const workLeft = await within(tree, [], [], async (whole) => {
        const work = await openWorkFolderIfThere(whole)
        if (!work) return 'gone'
        await using opened = work
        await tidyWork(opened, (id) =>
          trashTurns.carry(id, (removed) => bringToEnd(id, opened, trash, AbortSignal.any([removed, signal]))),
        ).catch(throwFirstProblem)
        signal.throwIfAborted()
        return await removeIfEmpty(whole, workFolder)
      }).catch((error: unknown) => {
        if (isProblem(error, 'file-not-found')) return 'gone' as const // it is gone, or there never was one
        throw error
      })
      if (workLeft !== 'gone') return workLeft
      await using top = await Folder.open(root)
      await using users = await top.linkedFolder('users')
      return await removeIfEmpty(users, octetsOf(tree.userId))
    },

    async allFromTrash(id, tree, onWhole) {
      return await within(tree, [], [], async (whole) => {
        await using work = await openWorkFolder(whole)
        await using trash = await openTrash(root)
        const { at, as } = await findTrashed(trash, work, id)
        await using source = await at.folder(as)
        const names = await source.names()
        await requireAllFree(names, whole)
        for (const name of names) {
          await changeOne(tree, () => place(source, name, whole, name)).catch(async (error: unknown) => {
            if (!isCode(error, 'EXDEV')) throw error
            await copyOne(source, name, work, async (draft) => {
              await onWhole?.()
              await changeOne(tree, () => place(work, draft, whole, name))
            })
          })
        }
        await whole.handle.sync()
        await removeTrashed(trash, id)
        await removeLeaving(work, id)
        return await treeEntry(whole)
      })
    },
  }
}

/**
 * Moves entries into another folder of the same disk. Gives the paths at which another disk is mounted: the entries with them stay. Ends
 * early when `signal` aborts.
 */
async function gather(names: readonly Octets[], from: Folder, to: Folder, signal: AbortSignal): Promise<Octets[]> {
  const mounts = (await mountsBelow(from)).filter((path) => names.includes(nameOf(path)))
  const staying = new Set(mounts.map(nameOf))
  for (const name of names.filter((each) => !staying.has(each))) {
    if (signal.aborted) break
    await from.moveTo(name, to, name).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return // somebody has removed it meanwhile
      if (!isCode(error, 'EBUSY')) throw error
      mounts.push(name)
    })
  }
  await Promise.all([from.handle.sync(), to.handle.sync()])
  return mounts
}

/** @throws Problem file-exists if a folder has something under one of these names */
async function requireAllFree(names: readonly Octets[], folder: Folder): Promise<void> {
  const taken = new Set(await folder.names())
  const both = names.filter((name) => taken.has(name))
  if (both.length === 0) return
  throw new Problem('file-exists', `The folder has ${inWords(both)} already; nothing was changed. Name another path.`)
}

async function removeIfEmpty(above: Folder, name: Octets): Promise<FolderLeft> {
  try {
    await above.removeFolder(name)
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY', 'EEXIST')) return 'not-empty'
    if (isCode(error, 'EBUSY')) return 'mounted'
    if (!isCode(error, 'ENOENT')) throw error
  }
  return 'gone'
}

/** A problem among several failures has words for people. */
function throwFirstProblem(error: unknown): never {
  const failures: unknown[] = error instanceof AggregateError ? error.errors : []
  throw failures.find((each) => each instanceof Problem) ?? error
}

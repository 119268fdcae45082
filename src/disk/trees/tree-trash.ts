/** How entries of a tree get into the trash, come back, and are removed for good. */
import type { BigIntStats } from 'node:fs'
import { requireConditions } from '../../domain/files/conditions.ts'
import { type Entry, entityTag } from '../../domain/files/entry.ts'
import type { FilePath } from '../../domain/files/file-path.ts'
import type { Place } from '../../domain/files/place.ts'
import { sharedTree, type Tree, treeName } from '../../domain/files/tree.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import { Problem } from '../../domain/problem.ts'
import { weightInTrash } from '../../domain/usage/weight-in-trash.ts'
import { eachDespiteFailures } from '../../lib/each-despite-failures.ts'
import { mapLimited } from '../../lib/map-limited.ts'
import type { Octets } from '../../lib/octets.ts'
import type { OneAtATime } from '../../lib/one-at-a-time.ts'
import type { FileTrees } from '../../ports/file-trees.ts'
import { isCode } from '../files.ts'
import type { Folder } from '../folder.ts'
import { userFolders } from '../user-folders.ts'
import { leavingName } from './draft-name.ts'
import { requireEntry } from './entries.ts'
import { createKeepRoom } from './keep-room.ts'
import { requireNoMount } from './mounts-below.ts'
import { descend, openWorkFolder, openWorkFolderIfThere, parentOf } from './open-tree.ts'
import { place } from './place.ts'
import {
  bringBack,
  carryAway,
  copyBack,
  findTrashed,
  openTrash,
  removeLeaving,
  removeTrashed,
  takeAway,
  tidyTrash,
  tidyWork,
} from './trash.ts'
import { createTrashTurns } from './trash-turns.ts'
import { createWholeFolder } from './whole-folder.ts'

const lookedAtOnce = 8

/** How a tree is reached and changed, as in file-trees.ts. */
type Uses = {
  root: string
  owner: Owner | null
  keepFreeBytes: number
  open(tree: Tree): Promise<Folder>
  within<T>(tree: Tree, folder: FilePath, path: FilePath, work: (at: Folder) => Promise<T>): Promise<T>
  changing<T>(
    tree: Tree,
    path: FilePath,
    work: (at: { folder: Folder; name: Octets; work: Folder }) => Promise<T>,
  ): Promise<T>
  publishCopy(
    to: Place,
    make: (work: Folder, draft: Octets) => Promise<void>,
    onWhole: (identity: string) => Promise<void>,
  ): Promise<Entry>
  oneAtATime: OneAtATime
}

type TreeTrash = Pick<
  FileTrees,
  'toTrash' | 'allToTrash' | 'removeFolder' | 'isInTrash' | 'bytesInTrash' | 'fromTrash' | 'removeFromTrash' | 'tidy'
>

export function createTreeTrash({
  root,
  owner,
  keepFreeBytes,
  open,
  within,
  changing,
  publishCopy,
  oneAtATime,
}: Uses): TreeTrash {
  // A turn at the trash may wait for a tree. Nothing that holds a tree may wait for such a turn.
  const trashTurns = createTrashTurns()

  /** Runs work in the work folder of a tree; gives null if there is none. */
  const inWork = <T>(tree: Tree, work: (folder: Folder) => Promise<T>): Promise<T | null> =>
    within(tree, [], [], async (whole) => {
      const folder = await openWorkFolderIfThere(whole)
      if (!folder) return null
      await using opened = folder
      return await work(opened)
    }).catch(nullIfNoWork)

  /** Carries an entry from a work folder to the trash. Gives what it takes there; null if somebody removes it for good meanwhile. */
  async function carry(id: string, work: Folder, trash: Folder, signal: AbortSignal): Promise<number | null> {
    try {
      return await carryAway(work, id, trash, { signal, onWritten: createKeepRoom(trash, keepFreeBytes) })
    } catch (error) {
      if (!signal.aborted) throw error
      return null
    }
  }

  const uses = { root, owner, keepFreeBytes, within, oneAtATime, trashTurns, carry, bringToEnd }
  const { allFromTrash, ...wholeFolder } = createWholeFolder(uses)

  return {
    ...wholeFolder,

    async toTrash(tree, path, id, conditions) {
      const { above, name } = parentOf(path)
      const changeOne = <T>(work: () => Promise<T>) => oneAtATime(treeName(tree), work)
      return await trashTurns.carry(id, (signal) =>
        within(tree, [], path, async (whole) => {
          await using work = await openWorkFolder(whole)
          await using trash = await openTrash(root)
          await using folder = await descend(await whole.again(), above, owner)
          const isThere = await changeOne(async () => {
            const entry = await requireEntry(folder, name, path)
            requireConditions(conditions, entityTag(entry))
            if (entry.kind === 'folder') await requireNoMount(folder, name)
            return await takeAway({ folder, name, work, trash }, id)
          })
          if (isThere) return null
          try {
            return await carry(id, work, trash, signal)
          } catch (error) {
            // If somebody has taken its name, it stays on its way: the next start tries again.
            await changeOne(() => place(work, leavingName(id), folder, name)).catch(() => {})
            throw error
          }
        }),
      )
    },

    async isInTrash(id, tree) {
      await using trash = await openTrash(root)
      if (await trash.look(id)) return true
      return (await inWork(tree, (work) => work.look(leavingName(id)))) !== null
    },

    async bytesInTrash(ids) {
      await using trash = await openTrash(root)
      const found = await mapLimited(ids, lookedAtOnce, async (id) => ({ id, stats: await trash.look(id) }))
      return new Map(found.flatMap(({ id, stats }) => (stats && !stats.isDirectory() ? [[id, bytesOf(stats)]] : [])))
    },

    async fromTrash(id, tree, path, { onWhole } = {}) {
      if (trashTurns.isOnItsWay(id)) throw onItsWay()
      if (path.length === 0) return await trashTurns.take(id, () => allFromTrash(id, tree, onWhole))
      await using trash = await openTrash(root)
      const move = () =>
        changing(tree, path, async ({ folder, name, work }) => {
          await bringBack(await findTrashed(trash, work, id), folder, name)
          return await requireEntry(folder, name, path)
        })
      const copy = async () => {
        const make = async (work: Folder, draft: Octets) =>
          copyBack(await findTrashed(trash, work, id), work, draft, createKeepRoom(work, keepFreeBytes))
        const entry = await publishCopy({ tree, path }, make, async () => await onWhole?.())
        await removeTrashed(trash, id)
        return entry
      }
      return await trashTurns.take(id, async () => {
        const entry = await move().catch((error: unknown) => {
          if (error instanceof Problem && isCode(error.cause, 'EXDEV')) return copy()
          throw error
        })
        // Left there if it could not be removed after it was copied to the trash.
        await inWork(tree, (work) => removeLeaving(work, id))
        return entry
      })
    },

    async removeFromTrash(id, tree) {
      await using trash = await openTrash(root)
      await trashTurns.remove(id, async () => {
        const isThere = (await trash.look(id)) !== null
        const left = inWork(tree, (work) => removeLeaving(work, id))
        // While the person's folder cannot be used, only what is in the trash itself can be removed.
        await (isThere ? left.catch(nullIfUnusable) : left)
        await removeTrashed(trash, id)
      })
    },

    async tidy() {
      await using trash = await openTrash(root)
      const people = (await userFolders(root)).map((userId): Tree => ({ kind: 'person', userId }))
      const all = [
        () => tidyTrash(trash, trashTurns),
        ...[sharedTree, ...people].map((tree) => () => tidyTree(tree, trash)),
      ]
      await eachDespiteFailures(all, 'Some folders could not be tidied.', (tidyOne) => tidyOne())
    },
  }

  async function tidyTree(tree: Tree, trash: Folder): Promise<void> {
    await using whole = await open(tree)
    const work = await openWorkFolderIfThere(whole)
    if (!work) return
    await using opened = work
    await tidyWork(opened, async (id) => {
      if (!trashTurns.isOnItsWay(id)) await trashTurns.carry(id, (signal) => bringToEnd(id, opened, trash, signal))
    })
  }

  /** Ends what an earlier process began. Only what is whole in the trash is removed from the work folder. */
  async function bringToEnd(id: string, work: Folder, trash: Folder, signal: AbortSignal): Promise<void> {
    if (await trash.look(id)) await removeLeaving(work, id)
    else if (await work.look(leavingName(id))) await carry(id, work, trash, signal)
  }
}

/** Two names of one file share what it takes. The target of a link may take no blocks. */
function bytesOf(stats: BigIntStats): number {
  const { blocks, size, nlink } = stats
  const bytes = Math.max(Number(blocks * 512n), stats.isSymbolicLink() ? Number(size) : 0)
  return weightInTrash(bytes / Number(nlink || 1n), 1)
}

/** Nothing is on its way from a person who had no folder, or where something else has the place of the work folder. */
function nullIfNoWork(error: unknown): null {
  if (error instanceof Problem && ['file-not-found', 'wrong-kind'].includes(error.code)) return null
  throw error
}

function nullIfUnusable(error: unknown): null {
  if (error instanceof Problem && error.code === 'user-folder-unusable') return null
  throw error
}

function onItsWay(): Problem {
  return new Problem('wrong-state', 'It is still on its way to the trash. Bring it back once it is there.')
}

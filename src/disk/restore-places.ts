import { readFile, rm, truncate } from 'node:fs/promises'
import { treeName } from '../domain/files/tree.ts'
import { isProblem } from '../domain/problem.ts'
import type { Octets } from '../lib/octets.ts'
import type { GivenUp, Restored, RestorePlaces } from '../ports/backup-disk.ts'
import { createCalls } from './calls.ts'
import { makeDurable } from './carry-folder.ts'
import { isCode, layFolder, sync } from './files.ts'
import { Folder } from './folder.ts'
import { exists } from './look-at-root.ts'
import { roomAt } from './room.ts'
import { runOn } from './run-on.ts'
import { copyTree } from './trees/copy-tree.ts'
import { draftName } from './trees/draft-name.ts'
import { createKeepRoom } from './trees/keep-room.ts'
import { openOrMakeFolder } from './trees/make-folders.ts'
import { descend, openTree, openWorkFolder, type RootUses, translated } from './trees/open-tree.ts'
import { place } from './trees/place.ts'
import { removeAll } from './trees/trash.ts'
import { writeWhole } from './write-whole.ts'

const answersWithinMs = 5_000
const callsAtOnce = 2
const overtakenAtMost = 10
const seal = 'sealed.json'

type Options = Omit<RootUses, 'callsAt'> & {
  /** What a copy leaves free on its disk. */
  keepFreeBytes?: number
}

/** The places of restores, `admin/restores/<job>/`. `owner`: whom new folders belong to; null if that is the service's own user. */
export function createRestorePlaces({ keepFreeBytes = 0, ...options }: Options): RestorePlaces {
  const { root, owner } = options
  const callsAt = createCalls({ all: callsAtOnce, each: callsAtOnce, limitMs: answersWithinMs })
  const uses = { ...options, callsAt }
  const all = `${root}/admin/restores`
  const sealOf = (id: string) => `${all}/${id}/${seal}`
  const look = { owner, fileMode: 0o644, folderMode: 0o755 }

  async function remove(id: string): Promise<void> {
    if (!(await exists(`${all}/${id}`))) return
    // After a kill in the middle, the next run must not take the half that is left for the whole.
    await rm(sealOf(id), { force: true })
    await sync(`${all}/${id}`)
    await using folder = await Folder.open(all)
    await removeAll(folder, id)
  }

  return {
    remove,
    room: () => roomAt(`${root}/admin`),

    async tidy(underWay) {
      if (!(await exists(all))) return
      await using folder = await Folder.open(all)
      const old = (await folder.names()).filter((id) => !underWay.has(id))
      const left = (await Promise.allSettled(old.map((id) => removeAll(folder, id)))).filter(isRejected)
      if (left[0]) throw left[0].reason // one that cannot be removed keeps no other
    },

    async open(id) {
      await layFolder(all, { mode: 0o700, owner: null })
      await remove(id) // half of an earlier run
      await layFolder(`${all}/${id}`, { mode: 0o700, owner: null })
      return `admin/restores/${id}`
    },

    async bytesIn(id) {
      await using folder = await Folder.open(`${all}/${id}`)
      return await bytesBelow(folder)
    },

    async seal(id, restored) {
      await using folder = await Folder.open(`${all}/${id}`)
      await makeDurable(folder) // restic itself makes nothing durable
      await writeWhole(sealOf(id), JSON.stringify(restored), 0o600)
    },

    async sealed(id) {
      try {
        const text = await readFile(sealOf(id), 'utf8')
        return text === '' ? { failure: null } : (JSON.parse(text) as Restored | GivenUp)
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null
        throw error
      }
    },

    async giveUp(id, why) {
      // An empty mark needs no room, and after a kill in the middle no run takes the half that is left for the whole.
      await truncate(sealOf(id))
      await sync(sealOf(id))
      await using folder = await Folder.open(`${all}/${id}`)
      for (const name of await folder.names()) if (name !== seal) await removeAll(folder, name)
      await writeWhole(sealOf(id), JSON.stringify(why), 0o600)
    },

    async entries(id, folder) {
      try {
        await using at = await descend(await Folder.open(`${all}/${id}`), folder, null)
        return (await at.names()).toSorted()
      } catch (error) {
        if (isCode(error, 'ENOENT')) return []
        throw error
      }
    },

    async moveOut(id, { folder, name }, { tree, folder: to }, moving) {
      try {
        await using aside = await Folder.open(`${all}/${id}`)
        await using from = await descend(await aside.again(), folder, null)
        await using whole = await openTree(uses, tree)
        await using work = await openWorkFolder(whole)
        await using target = (await openOrMakeFolder(whole, work, to, look)).folder
        const bytes = await bytesOfEntry(from, name)
        await movedOrCopied(from, name, { ...moving, target, work, aside, keepFreeBytes })
        return bytes
      } catch (error) {
        throw translated(error, to.length > 0 ? to : [treeName(tree)])
      }
    },
  }
}

function isRejected(outcome: PromiseSettledResult<void>): outcome is PromiseRejectedResult {
  return outcome.status === 'rejected'
}

async function bytesBelow(folder: Folder): Promise<number> {
  // du fails, and still tells the rest, if a person has closed a folder for the service's user.
  const said = await runOn(folder.handle, 'sh', ['-c', 'du --summarize --block-size=1 /proc/self/fd/3/ || :'])
  const bytes = Number.parseInt(said ?? '', 10)
  if (Number.isNaN(bytes)) throw new Error('The room that restored files take could not be measured.')
  return bytes
}

async function bytesOfEntry(from: Folder, name: Octets): Promise<number> {
  const stats = await from.look(name)
  const own = Number((stats?.blocks ?? 0n) * 512n)
  if (!stats?.isDirectory()) return own
  try {
    await using folder = await from.folder(name)
    return await bytesBelow(folder)
  } catch {
    return own // it is closed even for its owner, or no program can be started now: the next count tells
  }
}

type Moving = Parameters<RestorePlaces['moveOut']>[3] & {
  /** Where the entry goes. */
  target: Folder
  /** The work folder of the tree. */
  work: Folder
  /** The top of the place. */
  aside: Folder
  keepFreeBytes: number
}

async function movedOrCopied(from: Folder, name: Octets, moving: Moving): Promise<void> {
  const { target, work, aside, makeWay } = moving
  if (await areApart(aside, work)) return await copied(from, name, moving)
  await placeInstead(from, name, target, name, makeWay)
  await target.handle.sync()
}

/**
 * Whether entries have to be copied, to another file system or another subvolume. Only a move tells; an empty file is moved before
 * anything makes way, because the copy may take hours.
 */
async function areApart(aside: Folder, work: Folder): Promise<boolean> {
  const probe = draftName('copy')
  await (await aside.makeFile(probe)).close()
  try {
    await aside.moveTo(probe, work, probe)
    return false
  } catch (error) {
    if (!isCode(error, 'EXDEV')) throw error
    return true
  } finally {
    await Promise.all([aside.remove(probe), work.remove(probe)])
  }
}

/** The entry appears only when the copy is whole. */
async function copied(from: Folder, name: Octets, moving: Moving): Promise<void> {
  const { target, work, aside, keepFreeBytes, makeWay, onWhole, signal } = moving
  const draft = draftName('copy')
  try {
    const onWritten = createKeepRoom(work, keepFreeBytes)
    await copyTree(from, name, work, draft, { owner: 'kept', signal, tell: () => {}, onWritten })
    await makeDurable(work)
    await onWhole()
    signal.throwIfAborted()
    await placeInstead(work, draft, target, name, makeWay)
  } catch (error) {
    await removeAll(work, draft)
    throw error
  }
  await target.handle.sync()
  await removeCopied(from, name, aside)
}

/** Places an entry once the way is free. A notebook goes on meanwhile, and may take the name anew. */
async function placeInstead(
  from: Folder,
  name: Octets,
  to: Folder,
  as: Octets,
  makeWay: () => Promise<void>,
  overtaken = 0,
): Promise<void> {
  await makeWay()
  try {
    await place(from, name, to, as)
  } catch (error) {
    if (!isProblem(error, 'file-exists') || overtaken === overtakenAtMost) throw error
    await placeInstead(from, name, to, as, makeWay, overtaken + 1)
  }
}

/**
 * Removes an entry that was copied. It leaves its folder in one step: after a kill in the middle of the removal, the next run would put
 * the half that is left in the place of the whole copy. The end of the job removes that half, which is `aside`, at the top of the place.
 */
async function removeCopied(from: Folder, name: string, aside: Folder): Promise<void> {
  const leaving = draftName('copy')
  await from.moveTo(name, aside, leaving)
  await Promise.all([from.handle.sync(), aside.handle.sync()])
  await removeAll(aside, leaving)
}

import type { Progress } from '../../domain/jobs/job.ts'
import { Problem } from '../../domain/problem.ts'
import { weightInTrash } from '../../domain/usage/weight-in-trash.ts'
import { eachDespiteFailures } from '../../lib/each-despite-failures.ts'
import type { Octets } from '../../lib/octets.ts'
import { makeDurable } from '../carry-folder.ts'
import { isCode } from '../files.ts'
import { Folder } from '../folder.ts'
import { runOn } from '../run-on.ts'
import { type Copying, copyTree } from './copy-tree.ts'
import { draftName, isLeftOver, leavingName, trashIdIn } from './draft-name.ts'
import { place } from './place.ts'
import type { TrashTurns } from './trash-turns.ts'

const half = '.half-'
const copying = { owner: 'kept', signal: new AbortController().signal, tell: () => {} } as const satisfies Copying

/** The folder `admin/trash/`, where notebooks see nothing. Makes it if it is missing. */
export async function openTrash(root: string): Promise<Folder> {
  await using whole = await Folder.open(root)
  await using admin = await whole.linkedFolder('admin')
  try {
    return await admin.makeFolder('trash')
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    return await admin.folder('trash')
  }
}

/**
 * Takes an entry out of its place, in one step, so that nobody sees half of it. Gives whether it is in the trash: on another file
 * system, or another subvolume, it is in the work folder, and `carryAway` has to follow. A later start finishes one that was broken off.
 */
export async function takeAway(
  { folder, name, work, trash }: { folder: Folder; name: Octets; work: Folder; trash: Folder },
  id: string,
): Promise<boolean> {
  const isThere = await folder.moveTo(name, trash, id).then(
    () => true,
    (error: unknown) => {
      if (isCode(error, 'EXDEV')) return false
      throw error
    },
  )
  if (!isThere) await folder.moveTo(name, work, leavingName(id))
  await Promise.all([folder.handle.sync(), trash.handle.sync()])
  return isThere
}

/**
 * Carries to the trash what left its place. On another file system, or another subvolume, it copies it, then removes the original. If the
 * copy fails, the original is still in the work folder, and nothing is in the trash. Gives what it takes there if it was copied; null if a
 * count has to tell.
 */
export async function carryAway(
  work: Folder,
  id: string,
  trash: Folder,
  watching: Pick<Copying, 'signal' | 'onWritten'>,
): Promise<number | null> {
  const draft = `${half}${id}`
  let weight = 0
  const tell = ({ doneBytes, doneFiles }: Progress) => {
    weight = weightInTrash(doneBytes, doneFiles) // folders too
  }
  try {
    await removeAll(trash, draft)
    if (await hasMoved(work, id, trash)) return null
    await copyTree(work, leavingName(id), trash, draft, { ...copying, ...watching, tell })
    await makeDurable(trash)
    await trash.rename(draft, id)
  } catch (error) {
    await removeAll(trash, draft).catch(() => {}) // the next start removes it
    throw error
  }
  await trash.handle.sync()
  await removeLeaving(work, id).catch(() => {}) // the next start removes it
  return weight
}

async function hasMoved(work: Folder, id: string, trash: Folder): Promise<boolean> {
  try {
    await work.moveTo(leavingName(id), trash, id)
  } catch (error) {
    if (isCode(error, 'EXDEV')) return false
    throw error
  }
  await Promise.all([work.handle.sync(), trash.handle.sync()])
  return true
}

/** Where an entry is that was deleted. */
export type Found = { at: Folder; as: Octets }

/**
 * Finds what was deleted. If its way to the trash was cut short, it is still in the work folder. Once the trash has it, it is whole there, and
 * what the work folder has may be half removed. @throws Problem trash-not-found
 */
export async function findTrashed(trash: Folder, work: Folder, id: string): Promise<Found> {
  if (await trash.look(id)) return { at: trash, as: id }
  if (await work.look(leavingName(id))) return { at: work, as: leavingName(id) }
  throw new Problem('trash-not-found', `There is nothing with the id ${id} in the trash.`)
}

/**
 * Brings an entry back in one step. Replaces nothing.
 * @throws Problem file-exists; Error EXDEV: from another file system, or another subvolume, it has to be copied
 */
export async function bringBack({ at, as }: Found, folder: Folder, name: Octets): Promise<void> {
  await place(at, as, folder, name)
  await Promise.all([folder.handle.sync(), at.handle.sync()])
}

/** Copies an entry that was deleted, with its owners, to a folder that only the service can change. */
export async function copyBack(
  { at, as }: Found,
  work: Folder,
  draft: Octets,
  onWritten: (bytes: number) => Promise<void>,
): Promise<void> {
  await copyTree(at, as, work, draft, { ...copying, onWritten })
}

/**
 * Removes an entry with all that is in it. GNU rm goes from open folder to open folder, however deep they are.
 *
 * @throws Error if something is left
 */
export async function removeAll(folder: Folder, name: Octets): Promise<void> {
  const stats = await folder.look(name)
  if (!stats) return
  if (!stats.isDirectory()) return await folder.removeFile(name)
  const run = (command: string) =>
    runOn(folder.handle, 'sh', ['-c', `cd /proc/self/fd/3 && ${command}`, 'sh', `./${name}`])
  const remove = 'exec rm -rf -- "$1"'
  if ((await run(remove)) !== null) return
  // A person may have closed a folder even for themselves, and the service may be their user. Only folders: a file may have another name.
  await run('exec find "$1" -type d ! -perm -u=rwx -execdir chmod u+rwx -- {} \\;')
  if ((await run(remove)) === null) throw new Error(`${name} could not be removed`)
}

/** Removes what an earlier process left half in a work folder. `bringToEnd`: for what was on its way to the trash. */
export async function tidyWork(work: Folder, bringToEnd: (id: string) => Promise<void>): Promise<void> {
  await eachDespiteFailures(await work.names(), 'Some entries of a work folder could not be tidied.', async (name) => {
    const id = trashIdIn(name)
    if (id !== null) await bringToEnd(id)
    else if (isLeftOver(name)) await removeAll(work, name)
  })
}

/** Removes an entry from the trash for good. It leaves in one step, so that nobody brings half of it back. */
export async function removeTrashed(trash: Folder, id: string): Promise<void> {
  if (!(await trash.look(id))) return
  await trash.rename(id, `${half}${id}`)
  await trash.handle.sync()
  await removeAll(trash, `${half}${id}`)
}

/**
 * Removes for good what is still in a work folder, or was left there. It loses its name in one step: no later start takes what is left of it
 * for something on its way, and carries it to the trash.
 */
export async function removeLeaving(work: Folder, id: string): Promise<void> {
  const name = leavingName(id)
  if (!(await work.look(name))) return
  const draft = draftName('copy')
  try {
    await work.rename(name, draft)
  } catch (error) {
    if (!isCode(error, 'EDQUOT')) throw error
    // Once a quota is used up, Btrfs lets nobody change a name, but remove files. If the service ends meanwhile, the trash still has the
    // whole entry; if it never had it, the next start carries there what is left, and its record is still there.
    return await removeAll(work, name)
  }
  await work.handle.sync()
  await removeAll(work, draft)
}

export async function tidyTrash(trash: Folder, { isOnItsWay, take }: TrashTurns): Promise<void> {
  await eachDespiteFailures(await trash.names(), 'Some entries of the trash could not be tidied.', async (name) => {
    const id = name.slice(half.length)
    if (name.startsWith(half) && !isOnItsWay(id)) await take(id, () => removeAll(trash, name))
  })
}

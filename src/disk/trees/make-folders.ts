import { type FilePath, pathText } from '../../domain/files/file-path.ts'
import { Problem } from '../../domain/problem.ts'
import { octetsOf } from '../../lib/octets.ts'
import { isCode } from '../files.ts'
import type { Folder } from '../folder.ts'
import { draftName } from './draft-name.ts'
import { acrossDisks, descend, parentOf } from './open-tree.ts'
import type { Look } from './write-file.ts'

/**
 * Opens a folder below the tree's own, and makes those that are missing: each appears with its owner and mode. Leaves `tree` open.
 * `made`: how many, the lowest ones.
 *
 * @throws Problem wrong-kind if something else has one of the names
 */
export async function openOrMakeFolder(
  tree: Folder,
  work: Folder,
  path: FilePath,
  look: Look,
): Promise<{ folder: Folder; made: number }> {
  let folder = await tree.again()
  let made = 0
  for (const name of path) {
    const above = folder
    try {
      const found = await openIfThere(above, name)
      if (!found) {
        made += (await makeFolder(above, work, name, look)) ? 1 : 0
      }
      folder = found ?? (await above.folder(octetsOf(name)))
    } catch (error) {
      throw isCode(error, 'ENOTDIR', 'ELOOP') ? notAFolder(path) : error
    } finally {
      await above[Symbol.asyncDispose]()
    }
  }
  return { folder, made }
}

/**
 * Checks that a folder below the tree's own is on the same disk as the work folder, as far as it is there: before long work, whose end
 * would be moved there.
 *
 * @throws Problem wrong-kind
 */
export async function requireOneDisk(tree: Folder, work: Folder, path: FilePath): Promise<void> {
  const deviceOf = async ({ handle }: Folder) => (await handle.stat()).dev
  const device = await deviceOf(work)
  let folder = await tree.again()
  try {
    for (const name of path) {
      const next = await openIfThere(folder, name)
      if (!next) return
      await folder[Symbol.asyncDispose]()
      folder = next
      if ((await deviceOf(folder)) !== device) throw acrossDisks()
    }
  } finally {
    await folder[Symbol.asyncDispose]()
  }
}

async function openIfThere(folder: Folder, name: string): Promise<Folder | null> {
  try {
    return await folder.folder(octetsOf(name))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

/** Removes the folders that were made for a change that failed. @throws Error ENOTEMPTY once somebody uses one */
export async function removeMade(tree: Folder, path: FilePath, made: number): Promise<void> {
  for (let depth = path.length; depth > path.length - made; depth -= 1) {
    const { above, name } = parentOf(path.slice(0, depth))
    await using folder = await descend(await tree.again(), above, null)
    await folder.removeFolder(name)
  }
}

/** Gives whether it made it: somebody else may make one at the same instant. */
async function makeFolder(parent: Folder, work: Folder, name: string, { owner, folderMode }: Look): Promise<boolean> {
  const draft = draftName('folder')
  try {
    await using made = await work.makeFolder(draft)
    if (owner) await made.handle.chown(owner.uid, owner.gid)
    await made.handle.chmod(folderMode)
    await work.moveTo(draft, parent, octetsOf(name))
    await parent.handle.sync()
    return true
  } catch (error) {
    await work.remove(draft).catch(() => {})
    if (!isCode(error, 'EEXIST', 'ENOTEMPTY')) throw error
    return false
  }
}

function notAFolder(path: FilePath): Problem {
  return new Problem(
    'wrong-kind',
    `A part of ${pathText(path)} is no folder, or a link, which the service does not follow.`,
  )
}

import type { BigIntStats } from 'node:fs'
import { type FilePath, pathText, workFolder } from '../../domain/files/file-path.ts'
import { type Tree, treeName } from '../../domain/files/tree.ts'
import { below, userFolder } from '../../domain/names.ts'
import type { Owner } from '../../domain/people/notebook-user.ts'
import type { UserId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import { type Octets, octetsOf } from '../../lib/octets.ts'
import { TimeLimitError } from '../../lib/time-limit.ts'
import type { Calls } from '../calls.ts'
import { isCode } from '../files.ts'
import { Folder } from '../folder.ts'
import { readMarker } from '../marker.ts'
import { folderUnusable, isGone, isNoFolder, wrongOwner } from '../persons-folder.ts'
import { requireReadable } from './may-read.ts'

export type RootUses = {
  root: string
  rootId: string
  callsAt: (place: string) => Calls
  /** Whom people's folders belong to; null if that is the service's own user. */
  owner: Owner | null
  /** Whether a person has had a folder. */
  hadFolder: (id: UserId) => Promise<boolean>
}

/**
 * Opens the folder of a tree, as long as the disk below it is still the data root's. The marker, and the owner of a person's folder, are
 * read through the folder that is then used, so no disk can be taken away in between.
 *
 * @throws Problem data-root-not-proven, file-not-found if the person has had no folder, user-folder-unusable if theirs is gone, is a file
 * or a link, or belongs to another user
 */
export async function openTree(uses: RootUses, tree: Tree): Promise<Folder> {
  const { root, rootId, callsAt } = uses
  const calls = callsAt(treeName(tree))
  await using whole = await Folder.open(root, calls)
  const top = await whole.linkedFolder(tree.kind === 'shared' ? 'shared' : 'users').catch(notThere)
  if (top === null) throw notProven(tree)
  await using opened = top
  if ((await calls(() => readMarker(`/proc/self/fd/${opened.handle.fd}`))) !== rootId) throw notProven(tree)
  return tree.kind === 'person' ? await openOwn(uses, opened, tree.userId) : await opened.again()
}

/** A folder that is gone, or of another user, may be the place of a disk that is not mounted. A link may lead anywhere. */
async function openOwn({ root, owner, hadFolder }: RootUses, users: Folder, id: UserId): Promise<Folder> {
  const path = below(root, userFolder(id))
  const expected = owner ?? ownUser()
  const requireOwner = ({ uid, gid, mode }: Pick<BigIntStats, 'uid' | 'gid' | 'mode'>) => {
    if (Number(uid) === expected.uid) return
    throw folderUnusable(
      path,
      new Error(wrongOwner({ uid: Number(uid), gid: Number(gid), mode: Number(mode) }, expected, path)),
    )
  }
  const folder = await users.folder(id).catch(async (error: unknown) => {
    if (isCode(error, 'ENOTDIR', 'ELOOP')) throw folderUnusable(path, new Error(isNoFolder))
    const closed = isCode(error, 'EACCES') ? await users.look(octetsOf(id)) : null
    if (closed) requireOwner(closed)
    throw isCode(error, 'ENOENT') && (await hadFolder(id)) ? folderUnusable(path, new Error(isGone)) : error
  })
  try {
    requireOwner(await folder.handle.stat({ bigint: true }))
    return folder
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

function ownUser(): Owner {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
}

function notThere(error: unknown): null {
  if (isCode(error, 'ENOENT')) return null
  throw error
}

function notProven(tree: Tree): Problem {
  const folder = tree.kind === 'shared' ? 'shared/' : 'users/'
  return new Problem(
    'data-root-not-proven',
    `The folder ${folder} does not have the marker of this data root, so its files are not used. An administrator has to look: GET /api/data/consistency.`,
  )
}

/**
 * Opens a folder below another one, and closes that one. Follows no link. `owner`: as `mayRead` has it.
 * @throws Error as openat(2); Problem folder-unusable
 */
export async function descend(from: Folder, names: FilePath, owner: Owner | null): Promise<Folder> {
  let folder = from
  for (const name of names) {
    const above = folder
    try {
      folder = await enter(above, octetsOf(name), owner)
    } finally {
      await above[Symbol.asyncDispose]()
    }
  }
  return folder
}

/** Opens a folder in another one. @throws as `descend` */
export async function enter(above: Folder, name: Octets, owner: Owner | null): Promise<Folder> {
  const folder = await above.folder(name)
  if (owner === null) return folder
  try {
    requireReadable(await folder.handle.stat({ bigint: true }), owner, 'enter')
    return folder
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

/** The folder that holds an entry, and the entry's name there. @throws Problem invalid-request for the tree itself */
export function parentOf(path: FilePath): { above: FilePath; name: Octets } {
  const name = path.at(-1)
  if (name === undefined)
    throw new Problem('invalid-request', 'This cannot be done to the whole folder: name an entry in it.')
  return { above: path.slice(0, -1), name: octetsOf(name) }
}

/**
 * The folder in a tree in which things are made before they get their names. Only the service's user may look into it, so a notebook
 * cannot touch what is half there. It is on the same file system as the rest of the tree.
 */
export async function openWorkFolder(tree: Folder): Promise<Folder> {
  return await requireOwn(await openOrMakeWork(tree))
}

/** The same, if it is there. */
export async function openWorkFolderIfThere(tree: Folder): Promise<Folder | null> {
  return (await tree.look(workFolder)) && (await requireOwn(await openWork(tree)))
}

/** A person may have given the name to another folder of the service's user, such as one that an administrator brought. */
async function requireOwn(folder: Folder): Promise<Folder> {
  const { uid, mode } = await folder.handle.stat()
  if (uid === process.getuid?.() && (mode & 0o777) === 0o700) return folder
  await folder[Symbol.asyncDispose]()
  throw inTheWay()
}

async function openOrMakeWork(tree: Folder): Promise<Folder> {
  try {
    return await tree.makeFolder(workFolder)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
  return await openWork(tree)
}

async function openWork(tree: Folder): Promise<Folder> {
  try {
    return await tree.folder(workFolder)
  } catch (error) {
    throw isCode(error, 'ENOTDIR', 'ELOOP') ? inTheWay(error) : error
  }
}

/** Its owner could swap what the service makes there. */
function inTheWay(cause?: unknown): Problem {
  const words = `${workFolder} is in the way: the service needs a folder of that name, of its own. Remove it.`
  return new Problem('wrong-kind', words, { cause })
}

/** The service moves all that it makes or changes; nothing moves from one disk, or subvolume of Btrfs, to another. */
export function acrossDisks(cause?: unknown): Problem {
  const words =
    'This is in a subvolume, or on a disk of its own, within the folder, and nothing can be moved into it or out of it: change it in a notebook.'
  return new Problem('wrong-kind', words, { cause })
}

/** The problem that a failed call on a tree's disk amounts to. */
export function translated(error: unknown, path: FilePath): unknown {
  if (error instanceof Problem) return error
  const shown = path.length === 0 ? 'the folder itself' : pathText(path)
  if (isCode(error, 'ENOENT')) {
    const words = path.length === 0 ? 'The folder itself is not there.' : `There is no ${shown}.`
    return new Problem('file-not-found', words, { cause: error })
  }
  if (isCode(error, 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'ENOFILE')) {
    const words = `${shown} is of another kind, or a part of it is no folder. The service follows no link.`
    return new Problem('wrong-kind', words, { cause: error })
  }
  if (isCode(error, 'EXDEV')) return acrossDisks(error)
  if (isCode(error, 'ENOSPC', 'EDQUOT')) {
    const what = isCode(error, 'EDQUOT') ? 'The quota of this folder is used up' : 'The disk is full'
    return new Problem('no-room', `${what}; nothing was changed.`, { cause: error })
  }
  if (error instanceof TimeLimitError) {
    return new Problem('folder-unusable', 'Its disk does not answer. An administrator has to look.', { cause: error })
  }
  if (isCode(error, 'EIO', 'ESTALE', 'ENOTCONN')) {
    return new Problem('folder-unusable', 'Its disk fails. An administrator has to look.', { cause: error })
  }
  if (isCode(error, 'ENAMETOOLONG'))
    return new Problem('invalid-request', `The name of ${shown} is too long.`, { cause: error })
  if (isCode(error, 'EACCES', 'EPERM', 'EROFS')) {
    const words = `The service may not do this to ${shown}: ${isCode(error, 'EROFS') ? 'its disk is read-only' : 'see its owner and mode'}.`
    return new Problem('folder-unusable', words, { cause: error })
  }
  return error
}

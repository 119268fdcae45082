import { type Haul, temporaryName } from '../domain/migration/migration.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { Octets } from '../lib/octets.ts'
import { randomOctets } from '../lib/random.ts'
import { isCode } from './files.ts'
import { Folder } from './folder.ts'

/**
 * Opens a folder of a data root. The root's own folders (`shared`, `users`, `admin`) may be links, which only an
 * administrator can have made; below them it follows no link.
 */
export async function openBelow(root: string, [top = '', ...rest]: readonly Octets[]): Promise<Folder> {
  await using above = await Folder.open(root)
  let folder = await above.linkedFolder(top)
  for (const name of rest) folder = await step(folder, () => folder.folder(name))
  return folder
}

/** The same; null if the folder is missing. */
export async function openIfThere(root: string, path: readonly Octets[]): Promise<Folder | null> {
  try {
    return await openBelow(root, path)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

/** The same; makes missing folders, closed to everybody but their owner. */
export async function openOrMake(root: string, { to }: Haul, owner: Owner | null): Promise<Folder> {
  const [top = '', ...rest] = to
  let folder = await openBelow(root, [top])
  for (const name of rest) {
    folder = await step(folder, async () => {
      if (!(await folder.look(name))) await makeFolder(folder, name, (made) => giveTo(made, owner))
      return folder.folder(name)
    })
  }
  return folder
}

/** Makes a folder that appears only with its owner, mode and times set. It leaves an existing folder as it is. */
export async function makeFolder(parent: Folder, name: Octets, dress: (made: Folder) => Promise<void>): Promise<void> {
  const draft = temporaryName(randomOctets(8))
  try {
    await using made = await parent.makeFolder(draft)
    await dress(made)
    await parent.rename(draft, name)
  } catch (error) {
    await parent.remove(draft).catch(() => {})
    if (!isCode(error, 'EEXIST', 'ENOTEMPTY')) throw error
  }
}

async function giveTo({ handle }: Folder, owner: Owner | null): Promise<void> {
  if (owner) await handle.chown(owner.uid, owner.gid)
  await handle.chmod(0o700)
}

async function step(folder: Folder, next: () => Promise<Folder>): Promise<Folder> {
  try {
    return await next()
  } finally {
    await folder[Symbol.asyncDispose]()
  }
}

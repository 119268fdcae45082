import { constants } from 'node:fs'
import { access, mkdir, open, stat } from 'node:fs/promises'
import type { Owner } from '../domain/people/notebook-user.ts'
import { systemCode } from '../lib/system-code.ts'
import { handOver } from './hand-over.ts'

/** Whether an error is one of those system errors (`ENOENT`, …). */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(systemCode(error) ?? '')
}

/**
 * Makes one folder if there is none, with its owner, and with its mode whatever the umask. It leaves an existing folder as
 * it is: the service never changes people's files on a guess. Gives whether it made one.
 */
export async function ensureFolder(path: string, look: FolderAccess): Promise<boolean> {
  try {
    await mkdir(path, { mode: look.mode })
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    if (!(await stat(path)).isDirectory()) throw new Error(`${path} is there, but is not a folder`, { cause: error })
    return false
  }
  await setLook(path, look)
  return true
}

/** Makes one of the platform's own folders, or gives an existing one its mode and owner. Never changes what is in it. */
export async function layFolder(path: string, look: FolderAccess): Promise<void> {
  if (await ensureFolder(path, look)) return
  try {
    await setLook(path, look)
  } catch (error) {
    if (!isCode(error, 'EPERM', 'EACCES')) throw error
    const whose = `belongs to another user than the service (uid ${process.getuid?.()})`
    throw new Error(`${path} ${whose}. Give it over: ${handOver(path)}`, { cause: error })
  }
}

type FolderAccess = { mode: number; owner: Owner | null }

async function setLook(path: string, { mode, owner }: FolderAccess): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.chmod(mode)
  if (owner) await handle.chown(owner.uid, owner.gid)
}

/** Makes changes in a folder survive a power cut. */
export async function sync(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY)
  await handle.sync()
}

/**
 * Makes a file that only the service's user may read, if there is none; SQLite gives its other files the same mode, and as root
 * the same owner. `owner`: null if that is this process's own user.
 */
export async function ensurePrivateFile(path: string, owner: Owner | null = null): Promise<void> {
  await using handle = await open(path, 'a', 0o600)
  await handle.chmod(0o600)
  if (owner) await handle.chown(owner.uid, owner.gid)
}

/** The owner of a folder of the platform or, if it is not there, of the data root: that is the service's user. */
export async function ownerOfFolder(path: string, root: string): Promise<Owner> {
  const { uid, gid } = await stat(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return stat(root)
    throw error
  })
  return { uid, gid }
}

/** Whether the process may write in a folder or to a file. */
export async function isWritable(path: string): Promise<boolean> {
  return (await writability(path)) === 'writable'
}

/** The same, with the reason. */
export async function writability(path: string): Promise<'writable' | 'read-only-disk' | 'forbidden'> {
  try {
    await access(path, constants.W_OK)
    return 'writable'
  } catch (error) {
    return isCode(error, 'EROFS') ? 'read-only-disk' : 'forbidden'
  }
}

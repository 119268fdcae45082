import { type BigIntStats, constants } from 'node:fs'
import {
  copyFile,
  type FileHandle,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises'
import { bytesOf, type Octets } from '../lib/octets.ts'
import { isCode } from './files.ts'

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants
const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants

/**
 * An open folder. All access to its entries goes through the open folder itself, `/proc/self/fd/<n>/<name>`, as openat(2)
 * does it, and follows no link. A person who may write there can replace a folder with a link at any moment, but cannot
 * lead the service out of the folder.
 */
export class Folder implements AsyncDisposable {
  readonly handle: FileHandle

  private constructor(handle: FileHandle) {
    this.handle = handle
  }

  /** Opens a folder by its path, through links too: only for paths that an administrator alone can change. */
  static async open(path: string | Buffer): Promise<Folder> {
    return new Folder(await open(path, O_RDONLY | O_DIRECTORY))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.handle.close()
  }

  #at(name: Octets): Buffer {
    return bytesOf(`/proc/self/fd/${this.handle.fd}/${name}`)
  }

  async folder(name: Octets): Promise<Folder> {
    return new Folder(await open(this.#at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  /** The same, but follows a link. */
  async linkedFolder(name: Octets): Promise<Folder> {
    return new Folder(await open(this.#at(name), O_RDONLY | O_DIRECTORY))
  }

  names(): Promise<Octets[]> {
    return readdir(`/proc/self/fd/${this.handle.fd}`, { encoding: 'latin1' })
  }

  /** The entry under a name; null if there is none. */
  async look(name: Octets): Promise<BigIntStats | null> {
    try {
      return await lstat(this.#at(name), { bigint: true })
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null
      throw error
    }
  }

  /** The same folder, opened a second time. */
  async again(): Promise<Folder> {
    return new Folder(await open(`/proc/self/fd/${this.handle.fd}`, O_RDONLY | O_DIRECTORY))
  }

  /** Opens a regular file to read. Does not wait for the other end of a FIFO. @throws NotAFile if it is no regular file */
  async file(name: Octets): Promise<OpenFile> {
    const handle = await open(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stats = await handle.stat({ bigint: true })
    if (stats.isFile()) return { handle, stats, [Symbol.asyncDispose]: () => handle.close() }
    await handle.close()
    throw new NotAFile('it is no file any more')
  }

  makeFile(name: Octets): Promise<FileHandle> {
    return open(this.#at(name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  }

  /**
   * Makes a file that shares the blocks of an open one. `orCopy`: where the file system cannot, the kernel copies.
   * @throws EEXIST if the name is taken
   */
  cloneFile(original: FileHandle, name: Octets, { orCopy }: { orCopy: boolean }): Promise<void> {
    const way = orCopy ? COPYFILE_FICLONE : COPYFILE_FICLONE_FORCE
    return copyFile(`/proc/self/fd/${original.fd}`, this.#at(name), COPYFILE_EXCL | way)
  }

  async makeFolder(name: Octets): Promise<Folder> {
    await mkdir(this.#at(name), 0o700)
    return this.folder(name)
  }

  async makeLink(name: Octets, target: Octets): Promise<void> {
    await symlink(bytesOf(target), this.#at(name))
  }

  linkTarget(name: Octets): Promise<Octets> {
    return readlink(this.#at(name), { encoding: 'latin1' })
  }

  async giveLink(name: Octets, owner: { uid: number; gid: number } | null, times: Times): Promise<void> {
    if (owner) await lchown(this.#at(name), owner.uid, owner.gid)
    await lutimes(this.#at(name), seconds(times.atimeNs), seconds(times.mtimeNs))
  }

  /** Gives a file a second name. @throws EEXIST if the name is taken: this never replaces anything */
  addName(name: Octets, second: Octets): Promise<void> {
    return link(this.#at(name), this.#at(second))
  }

  rename(name: Octets, next: Octets): Promise<void> {
    return rename(this.#at(name), this.#at(next))
  }

  /** Gives a file a second name, in another folder of the same file system. @throws EEXIST if the name is taken */
  addNameIn(name: Octets, folder: Folder, as: Octets): Promise<void> {
    return link(this.#at(name), folder.#at(as))
  }

  /** Moves an entry into another folder of the same file system. Replaces a file, or an empty folder by a folder. */
  moveTo(name: Octets, folder: Folder, as: Octets): Promise<void> {
    return rename(this.#at(name), folder.#at(as))
  }

  removeFile(name: Octets): Promise<void> {
    return unlink(this.#at(name))
  }

  /** Removes a file, a link or an empty folder, if it is there. */
  async remove(name: Octets): Promise<void> {
    const found = await this.look(name)
    if (found?.isDirectory()) await rmdir(this.#at(name))
    else if (found) await this.removeFile(name)
  }
}

/** Thrown where a regular file is needed and something else has the name. Its code stands beside those of the system. */
export class NotAFile extends Error {
  override name = 'NotAFile'
  readonly code = 'ENOFILE'
}

export type OpenFile = AsyncDisposable & { handle: FileHandle; stats: BigIntStats }

export type Times = { atimeNs: bigint; mtimeNs: bigint }

/** Node sets times as seconds in a double, which is exact to a quarter of a microsecond in our days. */
export function seconds(ns: bigint): number {
  return Number(ns) / 1e9
}

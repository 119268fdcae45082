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
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises'
import type { FolderStamp } from '../domain/files/kept-names.ts'
import { type PackedNames, packNames } from '../domain/files/packed-names.ts'
import type { Room } from '../domain/room.ts'
import { bytesOf, type Octets } from '../lib/octets.ts'
import { type Calls, closeLater, unbounded, withCalls } from './calls.ts'
import { isCode } from './files.ts'
import { getdents, readNames } from './getdents.ts'
import { roomAt } from './room.ts'

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants
const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants

/**
 * An open folder. All access to its entries goes through the open folder itself, `/proc/self/fd/<n>/<name>`, as openat(2)
 * does it, and follows no link. A person who may write there can replace a folder with a link at any moment, but cannot
 * lead the service out of the folder.
 */
export class Folder implements AsyncDisposable {
  readonly handle: FileHandle
  readonly #opened: FileHandle
  readonly #calls: Calls
  readonly #running = new Set<Promise<unknown>>()

  private constructor(handle: FileHandle, calls: Calls) {
    this.handle = withCalls(handle, calls)
    this.#opened = handle
    this.#calls = calls
  }

  /**
   * Opens a folder by its path, through links too: only for paths that an administrator alone can change. All that is opened from
   * it makes its calls through `calls`.
   */
  static async open(path: string | Buffer, calls: Calls = unbounded): Promise<Folder> {
    return new Folder(await calls(() => open(path, O_RDONLY | O_DIRECTORY), { drop: close }), calls)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#calls === unbounded) await this.#close()
    else closeLater(() => this.#close(), this.#calls)
  }

  /** A call under way names this folder by its number, which the next file to be opened may get: so wait for its end. */
  async #close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    await this.#opened.close()
  }

  #at(name: Octets): Buffer {
    return bytesOf(`${this.#path}/${name}`)
  }

  get #path(): string {
    return `/proc/self/fd/${this.#opened.fd}`
  }

  #call<T>(call: () => Promise<T>, drop?: (late: T) => unknown): Promise<T> {
    return this.#calls(() => this.#keptOpen(call()), drop && { drop })
  }

  #keptOpen<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running)
    const ended = () => this.#running.delete(running)
    running.then(ended, ended)
    return running
  }

  async #openFolder(path: () => string | Buffer, flags: number): Promise<Folder> {
    return new Folder(await this.#call(() => open(path(), flags), close), this.#calls)
  }

  folder(name: Octets): Promise<Folder> {
    return this.#openFolder(() => this.#at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  /** The same, but follows a link. */
  linkedFolder(name: Octets): Promise<Folder> {
    return this.#openFolder(() => this.#at(name), O_RDONLY | O_DIRECTORY)
  }

  /** The same folder, opened a second time. */
  again(): Promise<Folder> {
    return this.#openFolder(() => this.#path, O_RDONLY | O_DIRECTORY)
  }

  names(): Promise<Octets[]> {
    return this.#call(() => readdir(this.#path, { encoding: 'latin1' }))
  }

  /** The same, in any order. `isLarge`: in the way that takes a third of the time for many names, and twice as long for a few. */
  async packedNames({ isLarge }: { isLarge: boolean }): Promise<PackedNames> {
    return (isLarge ? await this.#read() : null) ?? packNames(await this.names())
  }

  /** Null if the call fails: Node's own reading then tells why. */
  async #read(): Promise<PackedNames | null> {
    await using own = await this.again() // the kernel remembers in the open folder how far it was read
    return await readNames((into) => own.#call(() => getdents(own.#opened.fd, into)))
  }

  /** Which folder it is, and when it changed. */
  stamp(): Promise<FolderStamp> {
    return this.handle.stat({ bigint: true })
  }

  /** The number of its file system, as statfs(2) gives it. */
  async fileSystem(): Promise<number> {
    return (await this.#call(() => statfs(this.#path))).type
  }

  /** The room on the folder's file system. */
  room(): Promise<Room> {
    return this.#call(() => roomAt(this.#path))
  }

  /** The entry under a name; null if there is none. */
  async look(name: Octets): Promise<BigIntStats | null> {
    try {
      return await this.#call(() => lstat(this.#at(name), { bigint: true }))
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null
      throw error
    }
  }

  /** Opens a regular file to read. Does not wait for the other end of a FIFO. @throws NotAFile if it is no regular file */
  async file(name: Octets): Promise<OpenFile> {
    const opened = await this.#call(() => open(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK), close)
    const handle = withCalls(opened, this.#calls)
    try {
      const stats = await handle.stat({ bigint: true })
      if (stats.isFile()) return { handle, stats, [Symbol.asyncDispose]: () => handle.close() }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
    throw new NotAFile('it is no file any more')
  }

  async makeFile(name: Octets): Promise<FileHandle> {
    const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
    return withCalls(await this.#call(() => open(this.#at(name), flags, 0o600), close), this.#calls)
  }

  /**
   * Makes a file that shares the blocks of an open one, whatever their size.
   * @throws EEXIST if the name is taken, ENOTSUP or another code if the file system cannot
   */
  cloneFile(original: FileHandle, name: Octets): Promise<void> {
    const path = `/proc/self/fd/${original.fd}`
    return this.#call(() => copyFile(path, this.#at(name), COPYFILE_EXCL | COPYFILE_FICLONE_FORCE))
  }

  async makeFolder(name: Octets): Promise<Folder> {
    await this.#call(() => mkdir(this.#at(name), 0o700))
    return this.folder(name)
  }

  async makeLink(name: Octets, target: Octets): Promise<void> {
    await this.#call(() => symlink(bytesOf(target), this.#at(name)))
  }

  linkTarget(name: Octets): Promise<Octets> {
    return this.#call(() => readlink(this.#at(name), { encoding: 'latin1' }))
  }

  async giveLink(name: Octets, owner: { uid: number; gid: number } | null, times: Times): Promise<void> {
    if (owner) await this.#call(() => lchown(this.#at(name), owner.uid, owner.gid))
    await this.#call(() => lutimes(this.#at(name), seconds(times.atimeNs), seconds(times.mtimeNs)))
  }

  /** Gives a file a second name. @throws EEXIST if the name is taken: this never replaces anything */
  addName(name: Octets, second: Octets): Promise<void> {
    return this.addNameIn(name, this, second)
  }

  rename(name: Octets, next: Octets): Promise<void> {
    return this.moveTo(name, this, next)
  }

  /** Gives a file a second name, in another folder of the same file system. @throws EEXIST if the name is taken */
  addNameIn(name: Octets, folder: Folder, as: Octets): Promise<void> {
    return this.#call(() => folder.#keptOpen(link(this.#at(name), folder.#at(as))))
  }

  /** Moves an entry into another folder of the same file system. Replaces a file, or an empty folder by a folder. */
  async moveTo(name: Octets, folder: Folder, as: Octets): Promise<void> {
    const move = () => this.#call(() => folder.#keptOpen(rename(this.#at(name), folder.#at(as))))
    try {
      await move()
    } catch (error) {
      if (!isCode(error, 'EACCES') || !(await this.#whileWritable(name, move))) throw error
    }
  }

  /**
   * Only who may write in a folder may move it, because its `..` changes. A person may have closed theirs for everybody, and the service
   * may be their user. Gives whether the work was done; it was not if the folder is not closed, or belongs to another user.
   */
  async #whileWritable(name: Octets, work: () => Promise<void>): Promise<boolean> {
    try {
      await using own = await this.folder(name)
      const mode = Number((await own.handle.stat()).mode) & 0o7777
      if (mode & 0o200) return false
      await own.handle.chmod(mode | 0o200)
      try {
        await work()
      } finally {
        await own.handle.chmod(mode)
      }
      return true
    } catch (error) {
      if (isCode(error, 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP', 'ENOENT')) return false
      throw error
    }
  }

  removeFile(name: Octets): Promise<void> {
    return this.#call(() => unlink(this.#at(name)))
  }

  /** Removes an empty folder. */
  removeFolder(name: Octets): Promise<void> {
    return this.#call(() => rmdir(this.#at(name)))
  }

  /** Removes a file, a link or an empty folder, if it is there. */
  async remove(name: Octets): Promise<void> {
    const found = await this.look(name)
    if (found?.isDirectory()) await this.removeFolder(name)
    else if (found) await this.removeFile(name)
  }
}

const close = (handle: FileHandle) => handle.close()

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

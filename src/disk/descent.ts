import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { bytesOf, type Octets } from '../lib/octets.ts'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants

/** Each level below holds a file open; beyond this many, the upper ones are opened again on the way back. */
const openAtMost = 64

type Level = { fd: number | null; dev: number; ino: number; name: Octets }

/** The way up was taken away: somebody moved the folder in which the process stands. */
export class MovedAway extends Error {
  override name = 'MovedAway'
}

/**
 * A process that goes down into folders and up again; the working directory of the whole process is where it stands, so only
 * a process of its own may do this. Each step opens one name in the folder where it stands and follows no link. A person who
 * moves folders or swaps them for links meanwhile cannot lead it elsewhere: it goes up only into the folder that it came from.
 */
export class Descent implements Disposable {
  readonly #levels: Level[] = []

  /** Begins in a folder, through links too: only for a path that an administrator alone can change. */
  constructor(path: Octets) {
    this.#stand(openSync(bytesOf(path), O_RDONLY | O_DIRECTORY), path)
  }

  get depth(): number {
    return this.#levels.length - 1
  }

  /** The folder where it stands. */
  look(): Stats {
    return fstatSync(this.#openedAt(this.depth))
  }

  /** Whether the folder where it stands is on another device than the one above it: a mount, or a subvolume of Btrfs. */
  get isOnAnotherDevice(): boolean {
    return this.depth > 0 && this.#levels[this.depth]?.dev !== this.#levels[this.depth - 1]?.dev
  }

  /** @throws the system's error: the name is gone, or it is no folder any more */
  down(name: Octets): void {
    this.#stand(openSync(pathOf(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), name)
    const above = this.#levels[this.depth - openAtMost]
    if (above?.fd != null && this.depth > openAtMost) {
      closeSync(above.fd)
      above.fd = null
    }
  }

  /** @throws MovedAway once it stands in the deepest folder that it still finds; `depth` tells which */
  up(): void {
    const left = this.#levels.pop()
    if (left?.fd != null) closeSync(left.fd)
    const level = this.#levels.at(-1)
    if (!level) return
    if (level.fd === null && !this.#reopen(level, '..')) this.#climbFromTop()
    else process.chdir(here(this.#openedAt(this.depth)))
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#levels.splice(0)) if (fd !== null) closeSync(fd)
    process.chdir('/')
  }

  #stand(fd: number, name: Octets): void {
    try {
      const { dev, ino } = fstatSync(fd)
      process.chdir(here(fd))
      this.#levels.push({ fd, dev, ino, name })
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  #openedAt(depth: number): number {
    const fd = this.#levels[depth]?.fd
    if (fd == null) throw new Error('this folder is not open')
    return fd
  }

  /** Opens a level again by a name in the working directory. False: that name is another folder now, or none. */
  #reopen(level: Level, name: Octets): boolean {
    let fd: number
    try {
      fd = openSync(pathOf(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      return false
    }
    const { dev, ino } = fstatSync(fd)
    if (dev === level.dev && ino === level.ino) level.fd = fd
    else closeSync(fd)
    return level.fd !== null
  }

  #climbFromTop(): never {
    const [top, ...rest] = this.#levels
    for (const { fd } of rest) if (fd !== null) closeSync(fd)
    for (const level of rest) level.fd = null
    this.#levels.length = 1
    process.chdir(here(top?.fd ?? this.#openedAt(0)))
    for (const level of rest) {
      if (this.depth >= openAtMost || !this.#reopen(level, level.name)) break
      this.#levels.push(level)
      process.chdir(here(this.#openedAt(this.depth)))
    }
    throw new MovedAway()
  }
}

function here(fd: number): string {
  return `/proc/self/fd/${fd}`
}

/** A name in the working directory. Node takes a text for UTF-8, so other octets are given as bytes. */
export function pathOf(name: Octets): string | Buffer {
  return /^[\x00-\x7f]*$/.test(name) ? name : bytesOf(name)
}

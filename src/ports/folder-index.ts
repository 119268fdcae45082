import type { Count } from '../domain/usage/count.ts'
import type { Octets } from '../lib/octets.ts'

/** What the index knows of a folder. */
export type KnownFolder = {
  id: number
  name: Octets
  /** Device, inode and times of the folder when its entries were read; null: read them again. */
  stamp: string | null
  /** The folder itself and its own files, without the folders in it. */
  own: Count
  /** With all that is below it. */
  total: Count
  /** How many folders are directly in it. */
  children: number
  /** How many of its files are looked at in every count. */
  watched: number
}

/** A file that may grow without a trace on its folder, so that every count looks at it. */
export type WatchedFile = { folder: number; name: Octets; bytes: number; sizeBytes: number }

/**
 * Remembers the folders of counted trees between counts, and can be thrown away at any time. All calls are synchronous: only
 * the counting process uses it, which does nothing else meanwhile.
 */
export interface FolderIndex {
  /** The folder at the top of a tree; begins a new tree with a name that is not known. */
  top(tree: Octets): KnownFolder
  /** Forgets all trees but these. */
  keepOnly(trees: readonly Octets[]): void
  /** The next folders directly in a folder, after the one with that name, in some order of their names. */
  children(folder: number, options: { after: Octets; atMost: number }): KnownFolder[]
  /** The biggest folders directly in a folder, by what they take. */
  biggestChildren(folder: number, atMost: number): KnownFolder[]

  /** Notes that a folder is in another one; `run` tells this reading of the outer folder from earlier ones. */
  sawChild(folder: number, name: Octets, run: number): void
  /** Forgets the folders directly in a folder that this reading has not seen, with all below them. */
  forgetUnseen(folder: number, run: number): void
  /** Records what a reading of a folder's entries has found. */
  wasRead(folder: number, found: { stamp: string | null; own: Count; children: number }): void
  setOwn(folder: number, own: Count): void
  setTotal(folder: number, total: Count): void
  /** Lets the next count read the folder's entries again. */
  doubt(folder: number): void

  watchedIn(folder: number): WatchedFile[]
  unwatch(folder: number): void
  watch(files: readonly WatchedFile[]): void
  /** Keeps only the biggest watched files of a tree. */
  trimWatched(tree: number, atMost: number): void

  /** Makes everything until now last. A count that is killed goes on from here. */
  commit(): void
}

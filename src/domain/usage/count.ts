import type { Octets } from '../../lib/octets.ts'

/** What a folder holds, with all that is below it. */
export type Count = {
  /** What it takes on the disk: allocated blocks, as `du` counts. Limits are about these. */
  bytes: number
  /** The lengths of its files, as `ls` shows them: a sparse file is long and takes little. */
  sizeBytes: number
  /** The names of files, links and all else that is no folder. */
  files: number
  folders: number
}

/** A path below the counted tree, and what that folder holds. */
export type FolderCount = { path: Octets; count: Count }

/** A tree of the data root that is counted by itself: `users/<id>`, `shared`, `admin`. */
export type TreeCount = {
  tree: Octets
  count: Count
  /** Folders that could not be read, or were moved away while they were counted: the last known figures stand for them. */
  missed: number
  biggest: FolderCount[]
  /** The folders that are told one by one: see `hasParts`. */
  parts: FolderCount[]
}

export const nothing: Count = { bytes: 0, sizeBytes: 0, files: 0, folders: 0 }

export function sum(one: Count, other: Count): Count {
  return {
    bytes: one.bytes + other.bytes,
    sizeBytes: one.sizeBytes + other.sizeBytes,
    files: one.files + other.files,
    folders: one.folders + other.folders,
  }
}

/** Shares of hard links are fractions of bytes; people are told whole ones. */
export function rounded(count: Count): Count {
  return { ...count, bytes: Math.round(count.bytes), sizeBytes: Math.round(count.sizeBytes) }
}

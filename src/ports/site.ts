import type { MarkedFolder } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'

export type Kind = 'folder' | 'file' | 'link' | 'other'

/** What `lstat` tells; `mode` is the permission bits. */
export type Look = Owner & { kind: Kind; mode: number }

export type MarkerLook = { look: Look; rootId: string | null }

/** A direct child of `users/`: its name in bytes, since a name need not be text. */
export type UserEntry = { name: Uint8Array; look: Look; isEmpty: boolean }

/** A data root as it is on disk, the content of people's folders apart. */
export type RootLook = {
  /** Its real path. */
  path: string
  root: Look
  shared: Look | null
  users: Look | null
  admin: Look | null
  database: Look | null
  adminToken: Look | null
  markers: Record<MarkedFolder, MarkerLook | null>
}

/** One file system, and which of the asked paths are on it. Counts of files are 0 where it has no limit. */
export type Space = { paths: string[]; totalBytes: number; freeBytes: number; totalFiles: number; freeFiles: number }

/** What stands on the machine beside the service. Nothing here changes anything, follows a link out, or waits for a pipe. */
export interface Site {
  /** Null where there is no folder. */
  surveyRoot(path: string): Promise<RootLook | null>
  /** The direct children of a root's `users/`, by name, at most `limit`; null where this user may not list them. */
  people(root: string, limit: number): Promise<UserEntry[] | null>
  /** Tells whether two paths are one folder; null where there is no folder. */
  identity(path: string): Promise<string | null>
  space(paths: readonly string[]): Promise<Space[]>
  /** How many entries a folder has, counted up to `limit`; null where there is no folder. */
  entries(path: string, limit: number): Promise<number | null>
  /** The group that owns a file. */
  groupOf(path: string): Promise<number | null>
  /** Null where there is no such file. */
  text(path: string): Promise<string | null>
}

/** What `--fix` may do. Each checks again that it finds what was seen, and rejects with a sentence when it does not. */
export interface Repairs {
  setMode(path: string, from: number, to: number): Promise<void>
  setOwner(path: string, from: Owner, to: Owner): Promise<void>
  /** Changes settings in a file, after it was copied; gives the path of the copy. */
  changeSettings(file: string, values: Readonly<Record<string, string>>): Promise<string>
  makeSettings(file: string, example: string, values: Readonly<Record<string, string>>): Promise<void>
}

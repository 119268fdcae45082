import type { MarkedFolder } from '../domain/names.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import type { Room } from '../domain/room.ts'

export type Kind = 'folder' | 'file' | 'link' | 'other'

/** The result of `lstat`; `mode` is the permission bits. */
export type Look = Owner & { kind: Kind; mode: number }

export type MarkerLook = { look: Look; rootId: string | null }

/** A direct child of `users/`: its name in bytes, since a name need not be text. */
export type UserEntry = { name: Uint8Array; look: Look; isEmpty: boolean }

/** A data root as it is on disk, without the content of people's folders. */
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

/** One file system, and which of the asked paths are on it. */
export type Space = Room & { paths: string[] }

/** A look at the machine around the service. It changes nothing, follows no link out, and waits for no pipe. */
export interface Site {
  /** Null if there is no folder. */
  surveyRoot(path: string): Promise<RootLook | null>
  /** The direct children of a root's `users/`, by name, at most `limit`; null if this user may not list them. */
  people(root: string, limit: number): Promise<UserEntry[] | null>
  /** A text that is the same for two paths of one folder; null if there is no folder. */
  identity(path: string): Promise<string | null>
  space(paths: readonly string[]): Promise<Space[]>
  /** How many entries a folder has, counted up to `limit`; null if there is no folder. */
  entries(path: string, limit: number): Promise<number | null>
  /** The group that owns a file. */
  groupOf(path: string): Promise<number | null>
  /** Null if there is no such file. */
  text(path: string): Promise<string | null>
}

/**
 * The repairs of `--fix`. Each one checks again that the state is as it was seen; if not, it rejects with a sentence.
 */
export interface Repairs {
  setMode(path: string, from: number, to: number): Promise<void>
  setOwner(path: string, from: Owner, to: Owner): Promise<void>
  /** Changes settings in a file, after it was copied; gives the path of the copy. */
  changeSettings(file: string, values: Readonly<Record<string, string>>): Promise<string>
  makeSettings(file: string, example: string, values: Readonly<Record<string, string>>): Promise<void>
}

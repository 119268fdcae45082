/** What a folder holds. Pure. */

export const entryKinds = ['file', 'folder', 'link', 'pipe', 'socket', 'device'] as const
export type EntryKind = (typeof entryKinds)[number]

/** A file, a folder, or something else under a name. Times in milliseconds since the epoch. */
export type Entry = {
  /** For people to read: it is the exact name only if `isExact`. */
  name: string
  /** Whether the name is UTF-8, so that a path can have it. */
  isExact: boolean
  kind: EntryKind
  sizeBytes: number
  modifiedAt: number
  /** The permission bits. */
  mode: number
  /** Where a link leads, as text. The service never follows it. */
  target: string | null
  /** Changes whenever the content does. */
  version: string
}

/** An entity tag, RFC 9110, 8.8.3. */
export function entityTag({ version }: Pick<Entry, 'version'>): string {
  return `"${version}"`
}

/** Which file or folder it is, whatever its name and content. */
export function identityOf({ version }: Pick<Entry, 'version'>): string {
  return version.split('-', 1)[0] ?? version
}

export const sortings = ['name', '-name', 'size', '-size', 'modified', '-modified'] as const
export type Sorting = (typeof sortings)[number]

import type { EntryKind } from '../domain/files/entry.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { UserId } from '../domain/people/user-id.ts'

/** Something that was deleted and can come back. Times in milliseconds since the epoch. */
export type Trashed = {
  id: string
  tree: Tree
  /** Where it was. */
  path: string
  kind: EntryKind
  /** The size of a file; null for anything else. */
  sizeBytes: number | null
  /** What it takes on the disk; null until it is counted. */
  bytes: number | null
  deletedBy: UserId
  deletedAt: number
}

export type TrashPosition = { deletedAt: number; id: string }

/** Records of what is in the trash. */
export interface TrashStore {
  add(trashed: Trashed): Promise<void>
  get(id: string): Promise<Trashed | null>
  /** Newest first. `tree`: only what was there. */
  list(query: { tree: Tree | null; after: TrashPosition | null; limit: number }): Promise<Trashed[]>
  remove(id: string): Promise<void>
  /** Notes what entries take on the disk. */
  setBytes(bytes: ReadonlyMap<string, number>): Promise<void>
  /**
   * The bytes of the counted entries that were in each person's folder, or in the folder of `only` that person. An entry that was
   * deleted before their account was made was an earlier person's of that id.
   */
  bytesOfPeople(only?: UserId): Promise<Map<UserId, number>>
}

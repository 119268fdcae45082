import type { ArchiveFormat } from '../domain/files/archive-format.ts'
import type { ByteRange } from '../domain/files/byte-range.ts'
import type { Conditions } from '../domain/files/conditions.ts'
import type { Entry, Sorting } from '../domain/files/entry.ts'
import type { FilePath } from '../domain/files/file-path.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { Progress } from '../domain/jobs/job.ts'
import type { Room } from '../domain/room.ts'

/** A regular file that is open to be read, as it was when it was opened. */
export type OpenedFile = AsyncDisposable & {
  entry: Entry
  /** The SHA-256 of what it holds, hexadecimal. */
  sha256(): Promise<string>
  /** The bytes of that part; each piece is valid until the next is asked for. Fails if the file has become shorter meanwhile. Closes the file at its end. */
  read(range: ByteRange): AsyncIterable<Buffer>
}

export type Written = { entry: Entry; isNew: boolean }

/** `addedBytes`: how much more is taken on the disk than before; less than 0 if a larger file was replaced. */
export type WrittenFile = Written & { addedBytes: number }

export type WriteOptions = Conditions & {
  /** Called when all of it is on the disk, before it gets its name. May throw: then nothing is changed. */
  onWhole?: () => Promise<void>
  /** Hexadecimal SHA-256 that the content must have. */
  sha256?: string | undefined
  /** Called before each piece is written, with the bytes so far and this piece, and waited for. May throw. */
  onBytes?: (bytes: number) => Promise<void>
  signal: AbortSignal
}

export type CopyOptions = {
  signal: AbortSignal
  /** Called before anything is copied, with the bytes that there are to copy. May throw. */
  onSized?: (bytes: number) => Promise<void>
  /** Called again and again on the way, and waited for. May throw. */
  tell: (progress: Progress) => void | Promise<void>
  /** Called when the copy is whole, before it gets its name; `identity` as of its entry later. */
  onWhole?: (identity: string) => Promise<void>
}

export type AdoptOptions = Conditions & Pick<WriteOptions, 'sha256' | 'onWhole' | 'signal'>

export type FoundEntry = { path: string; entry: Entry }

/** The state of a folder that was to be removed: it is gone, another disk is mounted there, or something is in it. */
export type FolderLeft = 'gone' | 'mounted' | 'not-empty'

/**
 * The files of people and the shared ones, on disk. Each call goes from the open root of the tree down, one open folder at a time,
 * and follows no link: the owner of a folder may swap anything in it at any moment, and leads the service nowhere else. A root
 * whose marker is not that of the data root is refused, and so is a person's folder that is gone or belongs to another user. So an
 * unmounted disk is never taken for an empty folder.
 *
 * @throws Problem file-not-found, wrong-kind (a link, a pipe or another thing on the way), data-root-not-proven, no-room,
 * folder-unusable, user-folder-unusable
 */
export interface FileTrees {
  /** The entry under a path; null if there is none. The tree's own folder if the path is empty: null if the person has had none. */
  look(tree: Tree, path: FilePath): Promise<Entry | null>
  /** One page of a folder. `after` is the `next` of the page before. */
  list(
    tree: Tree,
    path: FilePath,
    options: { sort: Sorting; after: string | null; limit: number },
  ): Promise<{ entries: Entry[]; next: string | null }>
  open(tree: Tree, path: FilePath): Promise<OpenedFile>
  /**
   * Writes a file whole: readers see the old one or the new one. Makes missing folders. `entries` of another kind stay.
   * @throws Problem precondition-failed, checksum-differs, wrong-kind, no-room
   */
  write(tree: Tree, path: FilePath, content: AsyncIterable<Buffer>, options: WriteOptions): Promise<WrittenFile>
  /**
   * Gives a finished upload its name, as `write` does. `file`: its path, in a folder that only the service can change; it stays.
   * @throws Problem precondition-failed, checksum-differs, wrong-kind, no-room
   */
  adopt(tree: Tree, path: FilePath, file: string, options: AdoptOptions): Promise<WrittenFile>
  /** Makes a folder and those above it. Gives whether it was missing. @throws Problem wrong-kind */
  makeFolder(tree: Tree, path: FilePath): Promise<Written>
  /** Gives an entry another path in the same tree. Replaces nothing. @throws Problem file-exists, invalid-request */
  move(tree: Tree, from: FilePath, to: FilePath, conditions: Conditions): Promise<Entry>
  /**
   * Copies an entry, with all that is in it, from one tree to another. It appears only when it is whole. Replaces nothing. Links
   * stay links; pipes, sockets and devices are left out.
   * @throws Problem file-exists, invalid-request
   */
  copy(from: { tree: Tree; path: FilePath }, to: { tree: Tree; path: FilePath }, options: CopyOptions): Promise<Entry>
  /**
   * Puts an entry into the trash, under that id. Ends early if somebody removes it from there meanwhile. Gives what it takes there if it
   * was copied; null if a count has to tell. @throws Problem precondition-failed; folder-unusable if another disk is mounted in it
   */
  toTrash(tree: Tree, path: FilePath, id: string, conditions: Conditions): Promise<number | null>
  /**
   * Puts all that is in the folder of a tree into the trash, as one folder under that id. Gives how many entries, 0 if none were there, and
   * `bytes` as of `toTrash`. Once `signal` aborts, what has left the folder is in the trash, or on its way there, and the rest stays.
   * @throws Problem folder-unusable if another disk is mounted in the folder: all else is in the trash then
   */
  allToTrash(
    tree: Tree,
    id: string,
    options: { signal: AbortSignal },
  ): Promise<{ entries: number; bytes: number | null }>
  /**
   * Removes the folder of a person, unless something is in it, or a disk is mounted there. First brings to its end what is on its way to
   * the trash.
   */
  removeFolder(tree: Tree & { kind: 'person' }, options: { signal: AbortSignal }): Promise<FolderLeft>
  /** Whether the trash holds something under that id, or it is on its way there from that tree. */
  isInTrash(id: string, tree: Tree): Promise<boolean>
  /** What those entries of the trash take that are there and no folders: a count tells what is in a folder. */
  bytesInTrash(ids: readonly string[]): Promise<Map<string, number>>
  /**
   * Brings it back to a path. Replaces nothing. `onWhole` is called only if it has to be copied. Into the folder of the tree itself come
   * the entries of what was there, not the folder that holds them in the trash.
   * @throws Problem file-exists, trash-not-found, wrong-state if it is still on its way there
   */
  fromTrash(id: string, tree: Tree, path: FilePath, options?: Pick<WriteOptions, 'onWhole'>): Promise<Entry>
  /** Removes it for good, also if it is still on its way there from that tree. */
  removeFromTrash(id: string, tree: Tree): Promise<void>
  /** The room on the disk of a tree, or what a quota leaves of it. */
  room(tree: Tree): Promise<Room>
  /** The entries below a folder whose names contain the text, whatever the case; ends early when `signal` aborts. */
  search(tree: Tree, path: FilePath, text: string, options: { signal: AbortSignal }): AsyncIterable<FoundEntry>
  /** A folder as an archive. Links stay links. */
  archive(
    tree: Tree,
    path: FilePath,
    options: { format: ArchiveFormat; signal: AbortSignal },
  ): Promise<AsyncIterable<Buffer>>
  /** Removes what an earlier process left half, and finishes what it had begun to delete. */
  tidy(): Promise<void>
}

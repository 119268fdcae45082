import type { MarkedFolder } from '../domain/names.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { MarkerSight, RootState } from '../domain/proof/compare-markers.ts'
import type { FileId } from '../domain/proof/compare-mounts.ts'
import type { Room } from '../domain/room.ts'

/** The data root as the backend sees it: the only place where state lives. */
export interface DataRoot {
  /** Its real path, as the backend sees it. */
  readonly path: string
  /** The id in its marker. */
  readonly rootId: string

  /**
   * Touches the marker of a folder, so that no copy has the same modification time, and tells what is there. If the
   * disk hangs, the sight is `unreadable` after a time limit, and the call itself is abandoned.
   */
  touchMarker(folder: MarkedFolder): Promise<MarkerSight>

  /** The same without the touch: it costs next to nothing, and disturbs no proof. It proves nothing of the engine. */
  seeMarker(folder: MarkedFolder): Promise<MarkerSight>

  /** Whether the folder at its path is still the one that the service opened. @throws Error when it cannot be looked at, or hangs */
  state(): Promise<Exclude<RootState, { unreadable: string }>>

  /** The room on the disk of the records. @throws Error as above */
  room(): Promise<Room>

  /**
   * The folders that an environment of that person should see; null for one that is not there. @throws Error as above
   */
  folderIds(id: UserId): Promise<{ shared: FileId | null; data: FileId | null }>

  /**
   * Makes a person's folder if there is none, owned by the user that notebooks run as.
   * @throws Problem no-room, or user-folder-unusable when it is no folder or not theirs
   */
  ensureUserFolder(id: UserId): Promise<void>

  /** The same for a person who has had a folder: a missing folder is not made anew. */
  requireUserFolder(id: UserId): Promise<void>
}

import type { FolderOpening } from '../domain/files/opening.ts'

/** Records of the folders of `shared/` that are opened to others than administrators. */
export interface OpeningStore {
  /** `exists` if the folder is opened to them already; `full` if there are `atMost`. */
  add(opening: FolderOpening, options: { atMost: number }): Promise<'added' | 'exists' | 'full'>
  /** All of them, by path. Callers may share what they get. */
  all(): Promise<readonly FolderOpening[]>
  /** Gives whether there was one. */
  remove(id: string): Promise<boolean>
}

import type { Octets } from '../../lib/octets.ts'
import type { TreeCount } from './count.ts'

/** What the service gives to the counting process on its standard input, as JSON. */
export type CountingOrder = {
  /** The data root. */
  root: string
  indexFile: string
  /** Reads the entries of all folders; otherwise only of those that have changed. */
  full: boolean
  /** Keeps subvolumes that people make in their folders from growing: the quota of the folder does not hold there. */
  stopSubvolumes: boolean
  /** Trees that are left out: they are done, or their disk does not answer. They stay in the index. */
  left: Octets[]
}

/** The lines that the counting process writes. A beat every second tells that it gets on. */
export type CountingLine =
  | { kind: 'begins'; tree: Octets }
  | { kind: 'beat' }
  | { kind: 'counted'; count: TreeCount }
  | { kind: 'trashed'; folders: TrashedFolder[] }
  | { kind: 'failed'; tree: Octets; reason: string }

/** The bytes that a folder in the trash takes with all that is in it. `id`: its name there. */
export type TrashedFolder = { id: string; bytes: number }

/** The folders of a tree that are told one by one: those directly in `shared` and `admin`, and each dataset. */
export function hasParts(tree: Octets, path: readonly Octets[]): boolean {
  if (tree !== 'shared' && tree !== 'admin') return false
  return path.length === 0 || (tree === 'shared' && path.length === 1 && path[0] === 'datasets')
}

import { markerFile } from '../names.ts'
import type { UserId } from '../people/user-id.ts'
import { Problem } from '../problem.ts'
import { type FilePath, workFolder } from './file-path.ts'

/** A folder tree that callers reach through the service: one person's, or everyone's. */
export type Tree = { kind: 'shared' } | { kind: 'person'; userId: UserId }

export const sharedTree: Tree = { kind: 'shared' }

/** One word for a tree: `shared`, or the person's folder as it stands below the data root. */
export function treeName(tree: Tree): string {
  return tree.kind === 'shared' ? 'shared' : `users/${tree.userId}`
}

/** The names at the top of a tree that belong to the platform. */
export function isReserved(tree: Tree, name: string): boolean {
  return name === workFolder || (tree.kind === 'shared' && name === markerFile)
}

/** @throws Problem forbidden if the path is one of the platform's own */
export function requireUnreserved(tree: Tree, path: FilePath): void {
  const [first] = path
  if (first === undefined || !isReserved(tree, first)) return
  throw new Problem('forbidden', `${first} belongs to the platform.`)
}

import { z } from 'zod'
import { userId } from '../people/user-id.ts'
import { type FilePath, filePath, pathText } from './file-path.ts'
import { sharedTree, type Tree, treeName } from './tree.ts'

/** Where a file is, or will be. */
export type Place = { tree: Tree; path: FilePath }

const kept = z.object({ user_id: userId.nullable(), path: z.string() })
const keptCopy = z.object({ from: kept, to: kept })

type Kept = z.infer<typeof kept>

/** A copy as a job keeps it. */
export function keepCopy(copy: { from: Place; to: Place }): z.infer<typeof keptCopy> {
  return { from: keepPlace(copy.from), to: keepPlace(copy.to) }
}

/** @throws Error if a job keeps something else */
export function readCopy(input: unknown): { from: Place; to: Place } {
  const { from, to } = keptCopy.parse(input)
  return { from: read(from), to: read(to) }
}

/** @throws Error if a job keeps something else */
export function readPlace(input: unknown): Place {
  return read(kept.parse(input))
}

/** For people, such as `users/alice/notes.txt`. */
export function placeInWords({ tree, path }: Place): string {
  return [treeName(tree), ...(path.length > 0 ? [pathText(path)] : [])].join('/')
}

/** A place as a job keeps it. */
export function keepPlace({ tree, path }: Place): Kept {
  return { user_id: tree.kind === 'person' ? tree.userId : null, path: pathText(path) }
}

function read({ user_id, path }: Kept): Place {
  return { tree: user_id === null ? sharedTree : { kind: 'person', userId: user_id }, path: filePath(path) }
}

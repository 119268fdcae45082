import { type FilePath, pathText } from '../domain/files/file-path.ts'
import type { Tree } from '../domain/files/tree.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { randomUUID } from '../lib/random.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileTrees, WriteOptions } from '../ports/file-trees.ts'
import type { Trashed, TrashStore } from '../ports/trash-store.ts'

/** Puts an entry into the trash, and records what it was and where. The caller has looked whether `by` may do that. */
export type PutIntoTrash = (
  by: UserId,
  tree: Tree,
  path: FilePath,
  conditions: Pick<WriteOptions, 'ifMatch'>,
) => Promise<Trashed>

type Uses = { trees: FileTrees; store: TrashStore }

/** INVARIANT: a record is made before its entry moves, and does not outlive a move that failed. */
export function createPutIntoTrash(
  uses: Uses & { clock: Pick<Clock, 'now'>; onError: (error: unknown) => void },
): PutIntoTrash {
  const { trees, store, clock, onError } = uses
  return async (by, tree, path, conditions) => {
    const before = await trees.look(tree, path)
    if (!before) throw new Problem('file-not-found', `There is no ${pathText(path)}.`)
    const trashed: Trashed = {
      id: randomUUID(),
      tree,
      path: pathText(path),
      kind: before.kind,
      sizeBytes: before.kind === 'file' ? before.sizeBytes : null,
      bytes: null,
      deletedBy: by,
      deletedAt: clock.now(),
    }
    await store.add(trashed)
    try {
      const bytes = await trees.toTrash(tree, path, trashed.id, conditions)
      // Only for the trash: until the next count they count in the folder too. If this fails, that count notes them.
      if (bytes !== null) await store.setBytes(new Map([[trashed.id, bytes]])).catch(onError)
    } catch (error) {
      await forgetIfGone(uses, trashed).catch(onError) // or else the next start
      throw error
    }
    return trashed
  }
}

/** Forgets a record whose entry is not in the trash. */
export async function forgetIfGone({ trees, store }: Uses, { id, tree }: Pick<Trashed, 'id' | 'tree'>): Promise<void> {
  if (!(await trees.isInTrash(id, tree))) await store.remove(id)
}

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
type PuttingUses = Uses & {
  clock: Pick<Clock, 'now'>
  onError: (error: unknown) => void
}

/** INVARIANT: a record is made before its entry moves, and does not outlive a move that failed. */
export function createPutIntoTrash(uses: PuttingUses): PutIntoTrash {
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
      if (bytes !== null) await noteBytes(store, trashed, bytes).catch(onError) // or else the next count
    } catch (error) {
      await forgetIfGone(uses, trashed).catch(onError) // or else the next start
      throw error
    }
    return trashed
  }
}

/** Puts all that is in a person's folder into the trash, as one folder. Gives its record; null if nothing was there. */
export type PutAllIntoTrash = (
  by: UserId,
  tree: Tree,
  options: Parameters<FileTrees['allToTrash']>[2],
) => Promise<Trashed | null>

/** INVARIANT: as above. */
export function createPutAllIntoTrash(uses: PuttingUses): PutAllIntoTrash {
  const { trees, store, clock, onError } = uses
  return async (by, tree, options) => {
    if (!(await trees.look(tree, []))) return null
    const trashed: Trashed = {
      ...{ id: randomUUID(), tree, path: pathText([]), kind: 'folder', sizeBytes: null, bytes: null },
      ...{ deletedBy: by, deletedAt: clock.now() },
    }
    await store.add(trashed)
    const { entries, bytes } = await trees.allToTrash(tree, trashed.id, options).catch(async (error: unknown) => {
      await forgetIfGone(uses, trashed).catch(onError) // or else the next start
      throw error
    })
    if (bytes !== null) await noteBytes(store, trashed, bytes).catch(onError) // or else the next count
    if (entries > 0) return trashed
    await store.remove(trashed.id)
    return null
  }
}

/** Otherwise the trash would weigh nothing until the next count. Until then the entry counts in the folder too. */
async function noteBytes(store: TrashStore, { id }: Trashed, bytes: number): Promise<void> {
  await store.setBytes(new Map([[id, bytes]]))
}

/** Forgets a record whose entry is not in the trash. */
export async function forgetIfGone({ trees, store }: Uses, { id, tree }: Pick<Trashed, 'id' | 'tree'>): Promise<void> {
  if (!(await trees.isInTrash(id, tree))) await store.remove(id)
}

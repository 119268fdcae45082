/** What was deleted, and can come back for a while. */

import type { Entry } from '../domain/files/entry.ts'
import { type FilePath, filePath, pathText } from '../domain/files/file-path.ts'
import { requireUnreserved, type Tree } from '../domain/files/tree.ts'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileTrees, WriteOptions } from '../ports/file-trees.ts'
import type { Trashed, TrashPosition, TrashStore } from '../ports/trash-store.ts'
import type { RequireChange } from './entitled.ts'
import { createPutIntoTrash, forgetIfGone } from './put-into-trash.ts'

const readAtOnce = 100
const emptyEveryMs = 600_000

export type Trash = {
  /** Puts an entry into the trash. @throws Problem forbidden, file-not-found, precondition-failed, storage-full */
  put(caller: Caller, tree: Tree, path: FilePath, conditions: Pick<WriteOptions, 'ifMatch'>): Promise<Trashed>
  /** What was deleted in that tree, newest first. @throws Problem forbidden */
  page(
    caller: Caller,
    tree: Tree,
    options: { after: TrashPosition | null; limit: number },
  ): Promise<{ items: Trashed[]; next: TrashPosition | null }>
  /** Brings it back, to where it was unless told. @throws Problem trash-not-found, file-exists, wrong-state if it is still on its way there */
  restore(caller: Caller, id: string, to: FilePath | null): Promise<{ trashed: Trashed; entry: Entry; path: FilePath }>
  /** Removes it for good. @throws Problem trash-not-found */
  remove(caller: Caller, id: string): Promise<void>
  /** Settles what an earlier process left half, then empties the trash of what is old, until `closing` aborts. */
  work(closing: AbortSignal): Promise<void>
}

export function createTrash(deps: {
  trees: FileTrees
  store: TrashStore
  clock: Clock
  requireChange: RequireChange
  /** The same at the end of a copy from another disk, by the caller's rights of that moment. */
  requireStill: RequireChange
  /** @throws Problem storage-full if the trash of that person takes nothing more. `by`: who deletes */
  requireTrashRoom: (by: UserId, id: UserId) => Promise<void>
  /** When a person's account was made; null if they have none. */
  since: (id: UserId) => Promise<number | null>
  /** Makes the folder of a person who has had none: the whole folder of a person who was removed may come back. */
  ensureUserFolder: (id: UserId) => Promise<void>
  /** How long something stays in the trash; null: for ever. */
  keepMs: number | null
  /** Notes what is in a person's folder again, which it left at that moment. */
  cameBack: (id: UserId, bytes: number, leftAt: number) => Promise<void>
  onError: (error: unknown) => void
}): Trash {
  const { trees, store, clock, requireChange, requireStill, requireTrashRoom, since, ensureUserFolder } = deps
  const { keepMs, cameBack, onError } = deps
  const putIntoTrash = createPutIntoTrash(deps)

  /** An id may have belonged to somebody else before: a person sees nothing that was deleted before their account was made. */
  async function theirsSince(caller: Caller, tree: Tree): Promise<number> {
    if (tree.kind === 'shared' || can(caller, 'file:change')) return 0
    return (await since(tree.userId)) ?? Number.POSITIVE_INFINITY
  }

  async function find(caller: Caller, id: string): Promise<Trashed> {
    const trashed = await store.get(id)
    if (trashed && trashed.deletedAt >= (await theirsSince(caller, trashed.tree))) {
      try {
        await requireChange(caller, trashed.tree, filePath(trashed.path))
        return trashed
      } catch (error) {
        if (!isProblem(error, 'forbidden') || caller.scopes !== null) throw error
      }
    }
    throw new Problem('trash-not-found', `There is nothing with the id ${id} in the trash.`)
  }

  /** A record is made before its entry moves. After a crash the disk says whether it did. */
  async function removeWhole({ id, tree }: Trashed): Promise<void> {
    await trees.removeFromTrash(id, tree)
    await store.remove(id)
  }

  /** Works on all that was deleted before a moment. An entry on which the work fails does not keep the others. */
  async function eachDeletedBefore(moment: number, work: (trashed: Trashed) => Promise<void>): Promise<void> {
    for (let after: TrashPosition | null = { deletedAt: moment, id: '' }; after; ) {
      const page: Trashed[] = await store.list({ tree: null, after, limit: readAtOnce })
      for (const trashed of page) await work(trashed).catch(onError)
      const last = page.at(-1)
      after = last ? { deletedAt: last.deletedAt, id: last.id } : null
    }
  }

  async function emptyOld(): Promise<void> {
    if (keepMs !== null) await eachDeletedBefore(clock.now() - keepMs, removeWhole)
  }

  /** Forgets what an earlier process recorded and did not move, or moved back and did not forget. */
  async function settle(before: number): Promise<void> {
    await trees.tidy().catch(onError)
    await eachDeletedBefore(before, (trashed) => forgetIfGone(deps, trashed))
  }

  return {
    async put(caller, tree, path, conditions) {
      await requireChange(caller, tree, path)
      requireUnreserved(tree, path)
      if (tree.kind === 'person') await requireTrashRoom(caller.userId, tree.userId)
      return await putIntoTrash(caller.userId, tree, path, conditions)
    },

    async page(caller, tree, { after, limit }) {
      await requireChange(caller, tree, [])
      const from = await theirsSince(caller, tree)
      const items = await store.list({ tree, after, limit: limit + 1 })
      items.splice(items.findLastIndex(({ deletedAt }) => deletedAt >= from) + 1) // the newest come first
      const more = items.length > limit
      items.length = Math.min(items.length, limit)
      const last = items.at(-1)
      return { items, next: more && last ? { deletedAt: last.deletedAt, id: last.id } : null }
    },

    async restore(caller, id, to) {
      const trashed = await find(caller, id)
      const path = to ?? filePath(trashed.path)
      if (path.length === 0 && trashed.path !== pathText([])) throw noName()
      await requireChange(caller, trashed.tree, path)
      requireUnreserved(trashed.tree, path)
      // On an empty disk that took the place of another, no folder may be made: looking at the tree tells.
      if (trashed.tree.kind === 'person' && !(await trees.look(trashed.tree, [])))
        await ensureUserFolder(trashed.tree.userId)
      const onWhole = () => requireStill(caller, trashed.tree, path)
      const entry = await trees.fromTrash(id, trashed.tree, path, { onWhole })
      await store.remove(id)
      const { tree, bytes, deletedAt } = trashed
      if (tree.kind === 'person') await cameBack(tree.userId, bytes ?? 0, deletedAt)
      return { trashed, entry, path }
    },

    async remove(caller, id) {
      await removeWhole(await find(caller, id))
    },

    async work(closing) {
      await settle(clock.now()).catch(onError)
      while (!closing.aborted) {
        await emptyOld().catch(onError)
        await clock.sleep(emptyEveryMs, { signal: closing })
      }
    },
  }
}

function noName(): Problem {
  return new Problem('invalid-request', 'It cannot take the place of the whole folder: name a path in it.')
}

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openSqlite } from '../../../src/database/open.ts'
import { createTrashStore } from '../../../src/database/trash-store.ts'
import { sharedTree } from '../../../src/domain/files/tree.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createTrash } from '../../../src/files/trash.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { FileTrees } from '../../../src/ports/file-trees.ts'

const alice = userId.parse('alice')
const dayMs = 86_400_000
const entries = 250

let database: Database
beforeEach(async () => {
  database = await openSqlite(':memory:')
})
afterEach(() => database[Symbol.asyncDispose]())

// Trouble (files): an entry of the trash cannot be removed, for example because somebody made it immutable
test('entries that cannot be removed keep no others in the trash, and stay in its list', async () => {
  const store = createTrashStore(database)
  const now = 100 * dayMs
  for (let number = 0; number < entries; number += 1) {
    const trashed = { id: `${number}`, tree: sharedTree, path: 'x', kind: 'file', sizeBytes: 1, bytes: null } as const
    await store.add({ ...trashed, deletedBy: alice, deletedAt: number })
  }
  await store.add({
    ...{ id: 'young', tree: sharedTree, path: 'x', kind: 'file', sizeBytes: 1, bytes: null },
    ...{ deletedBy: alice, deletedAt: now - dayMs },
  })
  const closing = new AbortController()
  const errors: unknown[] = []
  const stuck = ['0', '7', '249']
  const trees: Pick<FileTrees, 'tidy' | 'isInTrash' | 'removeFromTrash'> = {
    tidy: async () => {},
    isInTrash: async () => true,
    async removeFromTrash(id) {
      if (stuck.includes(id)) throw new Error(`${id} cannot be removed`)
    },
  }
  const trash = createTrash({
    trees: trees as FileTrees,
    store,
    clock: { ...systemClock, now: () => now, sleep: async () => closing.abort() },
    requireChange: async () => {},
    keepMs: 30 * dayMs,
    wrote: () => {},
    onError: (error) => errors.push(error),
  })
  await trash.work(closing.signal)
  const left = await store.list({ tree: null, after: null, limit: 1_000 })
  expect(left.map(({ id }) => id).sort()).toEqual([...stuck, 'young'].sort())
  expect(new Set(errors.map(String))).toEqual(new Set(stuck.map((id) => `Error: ${id} cannot be removed`)))
})

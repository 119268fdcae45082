import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openSqlite } from '../../../src/database/open.ts'
import { createTrashStore } from '../../../src/database/trash-store.ts'
import type { Entry } from '../../../src/domain/files/entry.ts'
import { sharedTree, type Tree, treeName } from '../../../src/domain/files/tree.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { createTrash } from '../../../src/files/trash.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { FileTrees } from '../../../src/ports/file-trees.ts'
import { callerNamed } from '../../support/caller.ts'

const alice = userId.parse('alice')
const hers: Tree = { kind: 'person', userId: alice }
const entry: Entry = {
  ...{ name: 'x', isExact: true, target: null, kind: 'folder', sizeBytes: 0, mode: 0o755, modifiedAt: 0, version: '' },
}
const dayMs = 86_400_000
const entries = 250
const noPeople = { since: async () => 0, ensureUserFolder: async () => {} }

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
  const stuck = [...Array.from({ length: 120 }, (_, oldest) => `${oldest}`), '249']
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
    requireStill: async () => {},
    requireTrashRoom: async () => {},
    ...noPeople,
    keepMs: 30 * dayMs,
    cameBack: async () => {},
    onError: (error) => errors.push(error),
  })
  await trash.work(closing.signal)
  const left = await store.list({ tree: null, after: null, limit: 1_000 })
  expect(left.map(({ id }) => id).sort()).toEqual([...stuck, 'young'].sort())
  expect(new Set(errors.map(String))).toEqual(new Set(stuck.map((id) => `Error: ${id} cannot be removed`)))
})

// Trouble (files): a person loses the right to a folder while their deleted files are copied back to it
test('what is copied back from the trash stays there if its person loses the right meanwhile', async () => {
  const store = createTrashStore(database)
  await store.add({
    ...{ id: 'large', tree: sharedTree, path: 'team/large', kind: 'folder', sizeBytes: null, bytes: null },
    ...{ deletedBy: alice, deletedAt: 0 },
  })
  const trees: Pick<FileTrees, 'fromTrash'> = {
    async fromTrash(_id, _tree, _path, { onWhole } = {}) {
      await onWhole?.()
      return expect.fail('it got its name')
    },
  }
  const trash = createTrash({
    trees: trees as FileTrees,
    store,
    clock: systemClock,
    requireChange: async () => {},
    requireStill: async (_caller, tree, path) => {
      throw new Problem('forbidden', `${treeName(tree)}/${path.join('/')} is closed.`)
    },
    requireTrashRoom: async () => {},
    ...noPeople,
    keepMs: null,
    cameBack: () => expect.fail('nothing is back'),
    onError: () => {},
  })
  const coming = trash.restore(callerNamed('alice'), 'large', ['team', 'back'])
  await expect(coming).rejects.toThrow('shared/team/back is closed.')
  expect(await store.get('large')).toMatchObject({ path: 'team/large' })
})

// Trouble (files): a person fills their folder and deletes all of it again and again, and the trash weighs nothing until the next count
test('what was copied to the trash counts there at once', async () => {
  const store = createTrashStore(database)
  const trees: Pick<FileTrees, 'look' | 'toTrash'> = {
    look: async () => entry,
    toTrash: async (_tree, [name]) => (name === 'copied' ? 700 : null),
  }
  const trash = createTrash({
    trees: trees as FileTrees,
    store,
    clock: systemClock,
    requireChange: async () => {},
    requireStill: async () => {},
    requireTrashRoom: async () => {},
    ...noPeople,
    keepMs: null,
    cameBack: () => expect.fail('nothing is back'),
    onError: (error) => expect.fail(String(error)),
  })
  await trash.put(callerNamed('alice'), hers, ['copied'], {})
  await trash.put(callerNamed('alice'), hers, ['moved'], {})
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 700]]))
})

test('the trash of the person whose folder it is has to have room, whoever deletes; that of shared/ has no limit', async () => {
  const store = createTrashStore(database)
  const trees: Pick<FileTrees, 'look' | 'toTrash'> = { look: async () => entry, toTrash: async () => null }
  const trash = createTrash({
    trees: trees as FileTrees,
    store,
    clock: systemClock,
    requireChange: async () => {},
    requireStill: async () => {},
    async requireTrashRoom(by, id) {
      throw new Problem('storage-full', `${by} deletes, and the trash of ${id} is full.`)
    },
    ...noPeople,
    keepMs: null,
    cameBack: async () => {},
    onError: (error) => expect.fail(String(error)),
  })
  const deleting = trash.put(callerNamed('admin'), hers, ['x'], {})
  await expect(deleting).rejects.toThrow('admin deletes, and the trash of alice is full.')
  expect(await store.list({ tree: hers, after: null, limit: 1 })).toEqual([])
  await trash.put(callerNamed('admin'), sharedTree, ['x'], {})
  expect(await store.list({ tree: sharedTree, after: null, limit: 2 })).toHaveLength(1)
})

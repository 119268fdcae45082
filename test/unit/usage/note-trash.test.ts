import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openSqlite } from '../../../src/database/open.ts'
import { createTrashStore } from '../../../src/database/trash-store.ts'
import { sharedTree, type Tree } from '../../../src/domain/files/tree.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { noteTrash } from '../../../src/usage/note-trash.ts'

const alice = userId.parse('alice')
const hers: Tree = { kind: 'person', userId: alice }

let database: Database
beforeEach(async () => {
  database = await openSqlite(':memory:')
})
afterEach(() => database[Symbol.asyncDispose]())

test('entries that were in the trash when a count began count for their person: folders as counted, files by what they take', async () => {
  const store = createTrashStore(database)
  const files = new Map([
    ['file', 5],
    ['shared', 7],
    ['later', 11],
  ])
  const uses = { store, bytesOfFile: async (id: string) => files.get(id) ?? null }
  const add = (id: string, tree: Tree, deletedAt: number, sizeBytes: number | null) =>
    store.add({
      ...{ id, tree, path: id, kind: sizeBytes === null ? 'folder' : 'file', sizeBytes, bytes: null },
      ...{ deletedBy: alice, deletedAt },
    })
  await add('folder', hers, 1, null)
  await add('file', hers, 2, 2 ** 40)
  await add('shared', sharedTree, 3, 7)
  await add('on its way', hers, 4, 9)
  await add('later', hers, 10, 11)
  await noteTrash(uses, new Map([['folder', 100]]), 10)
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 105]]))
  expect(await store.get('on its way')).toMatchObject({ bytes: null })
  // A count that no longer tells a folder, because others are larger, leaves what is known.
  files.set('on its way', 9)
  await noteTrash(uses, new Map(), 11)
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 125]]))
  await store.remove('folder')
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 25]]))
  const bob = userId.parse('bob')
  await store.add({
    ...{ id: 'his', tree: { kind: 'person', userId: bob }, path: 'x', kind: 'file', sizeBytes: 3, bytes: 3 },
    ...{ deletedBy: bob, deletedAt: 1 },
  })
  expect(await store.bytesOfPeople(bob)).toEqual(new Map([[bob, 3]]))
  expect(await store.bytesOfPeople(alice)).toEqual(new Map([[alice, 25]]))
})

// Trouble (files): a person deletes thousands of sparse files that say they are as large as a file system allows
test('huge sparse files in the trash are added up', async () => {
  const store = createTrashStore(database)
  const bytes = Number.MAX_SAFE_INTEGER
  for (let at = 0; at < 1_100; at += 1) {
    await store.add({
      ...{ id: String(at), tree: hers, path: 'x', kind: 'file', sizeBytes: bytes, bytes },
      ...{ deletedBy: alice, deletedAt: at },
    })
  }
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 1_100 * bytes]]))
})

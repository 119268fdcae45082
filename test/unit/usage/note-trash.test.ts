import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAccountStore } from '../../../src/database/account-store.ts'
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

/** A store, and a disk on which these entries of the trash are, each with what it takes. */
function open(onDisk: Map<string, number>) {
  const store = createTrashStore(database)
  const asked: string[] = []
  const bytesInTrash = async (ids: readonly string[]) => {
    asked.push(...ids)
    return new Map([...onDisk].filter(([id]) => ids.includes(id)))
  }
  const add = (id: string, tree: Tree, deletedAt: number, sizeBytes: number | null) =>
    store.add({
      ...{ id, tree, path: id, kind: sizeBytes === null ? 'folder' : 'file', sizeBytes, bytes: null },
      ...{ deletedBy: alice, deletedAt },
    })
  return { uses: { store, bytesInTrash }, store, add, asked }
}

test('entries that were in the trash when a count began count for their person: folders as counted, files by what they take', async () => {
  const files = new Map([
    ['file', 5],
    ['shared', 7],
    ['later', 11],
  ])
  const { uses, store, add, asked } = open(files)
  await add('folder', hers, 1, null)
  await add('file', hers, 2, 2 ** 40)
  await add('shared', sharedTree, 3, 7)
  await add('on its way', hers, 4, 9)
  await add('later', hers, 10, 11)
  await noteTrash(uses, new Map([['folder', 100]]), 10)
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 105]]))
  expect(await store.get('on its way')).toMatchObject({ bytes: null })
  // What was in shared/ counts for nobody.
  expect(asked).toEqual(['on its way', 'file'])
  // A count that does not tell a folder leaves what is known.
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

// Trouble (authority): an id is given to a new person, while the trash still holds what an earlier one of that id has deleted
test('what was deleted before an account was made does not count for it', async () => {
  const { uses, store, add } = open(new Map([['old', 100]]))
  await add('old', hers, 1, 100)
  await noteTrash(uses, new Map(), 2)
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 100]]))
  const accounts = createAccountStore(database)
  await accounts.addAccount({ id: alice, role: 'user', tier: 'default', disabled: false, createdAt: 5 })
  await store.add({
    ...{ id: 'new', tree: hers, path: 'x', kind: 'file', sizeBytes: 3, bytes: 3, deletedBy: alice, deletedAt: 5 },
  })
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 3]]))
})

// Trouble (files): a person deletes one of a thousand names of a huge file, removes the others, and the trash shows a thousandth for ever
test('what a file takes in the trash is asked anew with each count', async () => {
  const onDisk = new Map([['file', 1]])
  const { uses, store, add } = open(onDisk)
  await add('file', hers, 1, 2 ** 30)
  for (const bytes of [1, 2 ** 30]) {
    onDisk.set('file', bytes)
    await noteTrash(uses, new Map(), 10)
    expect(await store.bytesOfPeople()).toEqual(new Map([[alice, bytes]]))
  }
})

// Trouble (files): a person swaps a file for a folder while they delete it, and the trash takes what is in it for a file
test('what an entry takes does not depend on the kind that was recorded, and stays open until something tells it', async () => {
  const { uses, store, add } = open(new Map([['said to be a folder', 7]]))
  await add('said to be a file', hers, 1, 1)
  await add('said to be a folder', hers, 2, null)
  await add('on its way', hers, 3, null)
  await noteTrash(uses, new Map([['said to be a file', 100]]), 10)
  expect(await store.bytesOfPeople()).toEqual(new Map([[alice, 107]]))
  expect(await store.get('on its way')).toMatchObject({ bytes: null })
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

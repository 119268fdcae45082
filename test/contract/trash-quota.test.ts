/** What was deleted, on a real Btrfs: the quota of a folder does not count it, so the trash has a limit of its own. */
import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openSqlite } from '../../src/database/open.ts'
import { createTrashStore } from '../../src/database/trash-store.ts'
import { createBtrfsQuotas } from '../../src/disk/btrfs.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createFileTrees } from '../../src/disk/trees/file-trees.ts'
import { createKeptNames } from '../../src/disk/trees/kept-names.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { requireTrashRoom } from '../../src/domain/usage/standing.ts'
import { createTrash } from '../../src/files/trash.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createQuotas } from '../../src/usage/keep-quotas.ts'
import { createQuotaDisk } from '../e2e/support/disk.ts'
import { callerNamed } from '../support/caller.ts'

const execute = promisify(execFile)
const mebibyte = 2 ** 20
const rootId = '5f3c0000-0000-4000-8000-000000000000'
const alice = userId.parse('alice')
const hers = { kind: 'person', userId: alice } as const
const limitBytes = 64 * mebibyte

let folder: string
let disk: AsyncDisposable
let database: Database
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-trash-quota-'))
  disk = await createQuotaDisk(join(folder, 'disk'), '64M', '1G')
  database = await openSqlite(':memory:')
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await disk[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function openFolder() {
  const { path: root } = await layOutDataRoot(join(folder, 'disk/lab'), rootId, null)
  const notebook = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const databaseId = { device: '', inode: '' }
  const dataRoot = createDataRoot({ path: root, rootId, databaseId, notebook, mayGiveAway: false, now: Date.now })
  await dataRoot.ensureUserFolder(alice)
  const store = createTrashStore(database)
  const quotas = createQuotas({
    quotas: createBtrfsQuotas(root),
    limits: async () => new Map([[alice, limitBytes]]),
    isRoot: true,
    log: { holds: () => {}, limited: () => {}, failed: (_, reason) => expect.fail(reason) },
  })
  await quotas.look()
  const keptNames = createKeptNames(systemClock)
  const trash = createTrash({
    trees: createFileTrees({ root, rootId, owner: null, hadFolder: async () => true, keptNames }),
    ...{ store, clock: systemClock, keepMs: null },
    requireChange: async () => {},
    requireStill: async () => {},
    requireTrashRoom: async (by, id) =>
      requireTrashRoom({ limitBytes, trashBytes: (await store.bytesOfPeople(id)).get(id) ?? 0 }, { by, id }),
    cameBack: async () => {},
    since: async () => 0,
    ensureUserFolder: async () => {},
    onError: (error) => expect.fail(String(error)),
  })
  const home = join(root, 'users/alice')
  return {
    home,
    inTrash: join(root, 'admin/trash'),
    remove: (name: string) => trash.put(callerNamed('alice'), hers, [name], {}),
    removeForGood: ({ id }: { id: string }) => trash.remove(callerNamed('alice'), id),
    async write(name: string, mebibytes: number) {
      await appendFile(join(home, name), Buffer.alloc(mebibytes * mebibyte, 1))
      await execute('sync', ['-f', home])
    },
  }
}

// Trouble (files): a notebook fills its quota, the person deletes all of it through the API, and so on until the disk is full
test('who writes and deletes in turns has to empty the trash first', async () => {
  const { home, inTrash, write, remove, removeForGood } = await openFolder()
  await write('first', 48)
  const first = await remove('first')
  // The quota of the folder is free again, and the trash holds less than the limit.
  await write('second', 48)
  await remove('second')
  await write('third', 48)
  await expect(remove('third')).rejects.toThrow(
    'storage-full: The deletion is refused: your trash holds 96 MiB, and your tier allows 64 MiB there.',
  )
  expect(await readdir(home)).toContain('third')
  await removeForGood(first)
  await remove('third')
  expect(await readdir(inTrash)).toHaveLength(2)
})

// Trouble (files): a notebook fills the quota while an entry is copied to the trash, and its person cannot remove it from there any more
test('what is in the trash can be removed while the quota is used up, also if the original could not be removed yet', async () => {
  const { home, inTrash, write, remove, removeForGood } = await openFolder()
  await write('large', 40)
  const large = await remove('large')
  const original = join(home, '.ai-lab-work', `trash-${large.id}`)
  await execute('cp', ['--reflink=always', join(inTrash, large.id), original])
  await expect(write('more', 40)).rejects.toThrow(/-122|EDQUOT/)
  await expect(rename(join(home, 'more'), join(home, 'another'))).rejects.toThrow(/-122|EDQUOT/)

  await removeForGood(large)
  expect(await readdir(inTrash)).toEqual([])
  expect(await readdir(join(home, '.ai-lab-work'))).toEqual([])
})

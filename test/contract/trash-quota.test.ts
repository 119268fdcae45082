/** What was deleted, on a real Btrfs: it counts for the quota of its person, and can still come back. */
import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
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
const notebook = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

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

// Trouble (files): a person deletes most of what they have, and the quota does not let them bring it back
test('what was deleted leaves no room in the quota, and comes back into a folder that has no room for it twice', async () => {
  const { path: root } = await layOutDataRoot(join(folder, 'disk/lab'), rootId, null)
  const databaseId = { device: '', inode: '' }
  const dataRoot = createDataRoot({ path: root, rootId, databaseId, notebook, mayGiveAway: false, now: Date.now })
  await dataRoot.ensureUserFolder(alice)
  const store = createTrashStore(database)
  const quotas = createQuotas({
    quotas: createBtrfsQuotas(root),
    limits: async () => new Map([[alice, 100 * mebibyte]]),
    trashOfPeople: store.bytesOfPeople,
    isRoot: true,
    log: { holds: () => {}, limited: () => {}, failed: (_, reason) => expect.fail(reason) },
  })
  const keptNames = createKeptNames(systemClock)
  const trees = createFileTrees({ root, rootId, owner: null, hadFolder: async () => true, keptNames })
  const trash = createTrash({
    ...{ trees, store, clock: systemClock, keepMs: null },
    requireChange: async () => {},
    requireStill: async () => {},
    since: async () => 0,
    ensureUserFolder: async () => {},
    wrote: () => {},
    letBack: quotas.letIn,
    onError: (error) => expect.fail(String(error)),
  })
  const home = join(root, 'users/alice')
  const at = (name: string) => join(home, name)
  const write = async (name: string, mebibytes: number) => {
    await appendFile(at(name), Buffer.alloc(mebibytes * mebibyte, 1))
    await execute('sync', ['-f', home])
  }
  await quotas.look()

  for (const name of ['large/one', 'large/two']) {
    await trees.makeFolder(hers, ['large'])
    await write(name, 40)
  }
  const { id } = await trash.put(callerNamed('alice'), hers, ['large'], {})
  await quotas.look()
  await expect(write('more', 40)).rejects.toThrow(/-122|EDQUOT/)
  await rm(at('more'))
  await write('some', 10)

  await trash.restore(callerNamed('alice'), id, null)
  await quotas.look()
  expect((await stat(at('large/two'))).size).toBe(40 * mebibyte)
  expect(await readdir(join(root, 'admin/trash'))).toEqual([])
  await expect(write('some', 40)).rejects.toThrow(/-122|EDQUOT/)
})

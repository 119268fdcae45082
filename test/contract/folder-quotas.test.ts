/** People's folders on a real Btrfs: subvolumes with quotas, which hold whatever writes there. */
import { execFile } from 'node:child_process'
import { appendFile, lstat, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBtrfsQuotas } from '../../src/disk/btrfs.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { createUsageCounter } from '../../src/disk/usage-counter.ts'
import { checkStorage } from '../../src/doctor/checks/storage.ts'
import type { StorageSight } from '../../src/doctor/observations.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { createQuotas, type Quotas } from '../../src/usage/keep-quotas.ts'
import { createQuotaDisk } from '../e2e/support/disk.ts'
import { observations, rootLook, seen } from '../support/observations.ts'

const execute = promisify(execFile)
const mebibyte = 2 ** 20
const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => userId.parse(name)) as [
  ReturnType<typeof userId.parse>,
  ReturnType<typeof userId.parse>,
  ReturnType<typeof userId.parse>,
]

let folder: string
let root: string
let disk: AsyncDisposable
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-quotas-'))
  disk = await createQuotaDisk(join(folder, 'disk'), '64M')
  root = join(folder, 'disk')
  for (const name of ['users', 'shared', 'admin']) await mkdir(join(root, name))
})
afterAll(async () => {
  await disk[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const notebook = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const dataRoot = () =>
  createDataRoot({
    path: root,
    rootId: 'x',
    databaseId: { device: '', inode: '' },
    notebook,
    mayGiveAway: false,
    now: Date.now,
  })

function keeper(limits: Record<string, number | null>): Quotas {
  return createQuotas({
    quotas: createBtrfsQuotas(root),
    limits: async () => new Map(Object.entries(limits).map(([id, limit]) => [userId.parse(id), limit])),
    isRoot: true,
    log: { holds: () => {}, limited: () => {}, failed: (_, reason) => expect.fail(reason) },
  })
}

const doctorsCommand = (person: StorageSight['people'][number]) =>
  checkStorage(
    observations({
      root: seen(rootLook({ path: root })),
      storage: seen({ quotas: { kind: 'on' }, people: [person] }),
    }),
  )[0]?.command ?? ''
const write = (path: string, bytes: number) => appendFile(join(root, path), Buffer.alloc(bytes, 1))
const sync = () => execute('sync', ['-f', root])

test("a new person's folder is a subvolume with its owner and mode, and the proof knows it by device and inode", async () => {
  await dataRoot().ensureUserFolder(alice)
  const found = await lstat(join(root, 'users/alice'))
  expect({ ino: found.ino, mode: found.mode & 0o777, uid: found.uid }).toEqual({
    ino: 256,
    mode: 0o700,
    uid: notebook.uid,
  })
  const seen = await stat(join(root, 'users/alice'), { bigint: true })
  expect((await dataRoot().folderIds(alice)).data).toEqual({ device: String(seen.dev), inode: String(seen.ino) })
  // A mount namespace of its own, as an environment has one.
  const inside = `mount --bind ${root}/users/alice /mnt && stat -c '%d %i' /mnt`
  const { stdout } = await execute('unshare', ['--mount', 'sh', '-c', inside])
  expect(stdout.trim()).toBe(`${seen.dev} ${seen.ino}`)
})

// Trouble (files): a notebook fills the disk of the lab
test('the file system refuses what is written beyond the limit, and a change of the limit counts at the next look', async () => {
  await dataRoot().ensureUserFolder(alice)
  const quotas = keeper({ alice: 8 * mebibyte })
  await quotas.look()
  expect(quotas.holding()).toEqual({ by: 'quota', plain: [] })
  await write('users/alice/fits', 6 * mebibyte)
  await expect(write('users/alice/more', 6 * mebibyte)).rejects.toThrow(/-122|EDQUOT/)
  await keeper({ alice: 32 * mebibyte }).look()
  await write('users/alice/more', 6 * mebibyte)
  await keeper({ alice: null }).look()
  const sight = await createBtrfsQuotas(root).look()
  const id = await createBtrfsQuotas(root).subvolumeOf(alice)
  expect(sight).toMatchObject({ kind: 'on' })
  expect(sight.kind === 'on' && sight.groups.get(id ?? 0)).toMatchObject({ limitBytes: null })
})

// Trouble (files): a tier becomes smaller than what a person has, and their quota can never be raised or taken away again
test('the limit of a folder that takes more than it allows can be raised, and taken away', async () => {
  const dora = userId.parse('dora')
  await dataRoot().ensureUserFolder(dora)
  await write('users/dora/file', 6 * mebibyte)
  await sync()
  await keeper({ dora: mebibyte }).look()
  await expect(write('users/dora/file', 1)).rejects.toThrow(/-122|EDQUOT/)
  for (const limit of [12 * mebibyte, mebibyte, null]) await keeper({ dora: limit }).look()
  await write('users/dora/file', mebibyte)
  // The doctor's command too.
  await keeper({ dora: mebibyte }).look()
  await execute('sh', ['-ec', doctorsCommand({ id: dora, limitBytes: null, isSubvolume: true, setBytes: mebibyte })])
  await write('users/dora/file', mebibyte)
})

test('a plain folder of before is told, and left as it is', async () => {
  await mkdir(join(root, 'users/bob'))
  await writeFile(join(root, 'users/bob/file'), 'x')
  const quotas = keeper({ bob: mebibyte, carol: null })
  await quotas.look()
  expect(quotas.holding()).toEqual({ by: 'quota', plain: [bob] })
  expect((await lstat(join(root, 'users/bob'))).ino).not.toBe(256)
  expect(await createBtrfsQuotas(root).subvolumeOf(carol)).toBeNull()
})

test('the commands that the doctor prints make the plain folder a subvolume with the same files, and its limit is then held', async () => {
  await execute('chown', ['-R', '1000:100', join(root, 'users/bob')])
  const person = { id: bob, limitBytes: 4 * mebibyte, isSubvolume: false, setBytes: null }
  await execute('sh', ['-ec', doctorsCommand(person)])
  expect(await readFile(join(root, 'users/bob/file'), 'utf8')).toBe('x')
  expect(await lstat(join(root, 'users/bob'))).toMatchObject({ ino: 256, uid: 1000, gid: 100 })
  expect((await lstat(join(root, 'users/bob/file'))).uid).toBe(1000)
  const quotas = keeper({ bob: 4 * mebibyte })
  await quotas.look()
  expect(quotas.holding()).toEqual({ by: 'quota', plain: [] })
  await expect(write('users/bob/more', 6 * mebibyte)).rejects.toThrow(/-122|EDQUOT/)
})

// Trouble (files): a person makes subvolumes of their own, where the quota of their folder does not hold
test('a subvolume that a person makes in their folder is counted as theirs, and cannot grow after that', async () => {
  await dataRoot().ensureUserFolder(carol)
  await mkdir(join(root, 'users/carol/deep\n0')) // in the list of quotas it looks like a line of the whole disk
  await execute('btrfs', ['subvolume', 'create', join(root, 'users/carol/deep\n0/5 9 9 none none own')])
  const inner = 'users/carol/deep\n0/5 9 9 none none own/file'
  await write(inner, 2 * mebibyte)
  await sync()
  const counter = createUsageCounter({ root, indexFile: join(root, 'admin/usage-index.db') })
  const counts = new Map<string, number>()
  const signal = new AbortController().signal
  const uncounted = await counter.count(
    { full: false, stopSubvolumes: true, signal },
    ({ tree, count }) => counts.set(tree, count.bytes),
    () => {},
  )
  expect(uncounted).toEqual([])
  expect(counts.get('users/carol')).toBeGreaterThanOrEqual(2 * mebibyte)
  await expect(write(inner, 2 * mebibyte)).rejects.toThrow(/-122|EDQUOT/)
  await write('users/carol/other', 2 * mebibyte)
})

test('where quotas are not switched on, that is sure', async () => {
  await execute('btrfs', ['quota', 'disable', root])
  try {
    expect(await createBtrfsQuotas(root).look()).toMatchObject({ kind: 'off', isBtrfs: true, isSure: true })
  } finally {
    await execute('btrfs', ['quota', 'enable', root])
  }
})

test('on another file system there is no quota, and a folder is a plain one', async () => {
  expect(
    await createBtrfsQuotas('/proc/self/..')
      .look()
      .catch(() => null),
  ).toBeNull()
  await mkdir(join(folder, 'plain/users'), { recursive: true })
  expect(await createBtrfsQuotas(join(folder, 'plain')).look()).toMatchObject({ kind: 'off', isBtrfs: false })
})

/** Snapshots of people's folders on a real Btrfs. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBtrfsSnapshots } from '../../src/disk/btrfs-snapshots.ts'
import type { UserId } from '../../src/domain/people/user-id.ts'
import { createQuotaDisk } from '../e2e/support/disk.ts'

let folder: string
let root: string
let disk: AsyncDisposable
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-snapshots-'))
  root = join(folder, 'disk')
  disk = await createQuotaDisk(root, '8M')
  for (const name of ['users', 'shared', 'admin']) await mkdir(join(root, name))
})
afterAll(async () => {
  await disk[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const part = (id: string) => ({ kind: 'person', userId: id as UserId }) as const
const btrfs = (...args: string[]) => execFileSync('btrfs', args, { stdio: 'pipe' }).toString()
const left = () => readdir(join(root, 'admin/snapshots'))

test('a snapshot has a folder as it was at one instant, whatever is written there afterwards, and nobody writes in it', async () => {
  const own = join(root, 'users/alice')
  btrfs('subvolume', 'create', own)
  await writeFile(join(own, 'one'), 'first')
  {
    await using taken = await createBtrfsSnapshots(root).take(part('alice'))
    await writeFile(join(own, 'one'), 'second')
    await writeFile(join(own, 'two'), 'second')
    const seen = join(root, taken?.folder ?? 'none')
    expect(await readdir(seen)).toEqual(['one'])
    expect(await readFile(join(seen, 'one'), 'utf8')).toBe('first')
    await expect(writeFile(join(seen, 'one'), 'x')).rejects.toThrow('EROFS')
  }
  expect(await left()).toEqual([])
  await expect.poll(() => btrfs('qgroup', 'show', root), { timeout: 10_000 }).not.toContain('stale')
})

// Trouble (files): the service is killed while a snapshot is read
test('snapshots that a killed process left are removed', async () => {
  const snapshots = createBtrfsSnapshots(root)
  await snapshots.tidy() // the folder may be missing
  await snapshots.take(part('alice'))
  expect(await left()).toHaveLength(1)
  await snapshots.tidy()
  expect(await left()).toEqual([])
})

// Trouble (files): a person hides files from the backup in a subvolume of their own, which no snapshot has
test('a folder with a subvolume in it is read as it stands, and so is a folder that is none', async () => {
  const own = join(root, 'users/bob')
  btrfs('subvolume', 'create', own)
  await mkdir(join(own, 'deep'))
  btrfs('subvolume', 'create', join(own, 'deep/inner'))
  await mkdir(join(root, 'users/plain'))
  const snapshots = createBtrfsSnapshots(root)
  expect(await snapshots.take(part('bob'))).toBeNull()
  expect(await snapshots.take(part('plain'))).toBeNull()
  expect(await snapshots.take({ kind: 'shared' })).toBeNull()
  expect(await left()).toEqual([])
})

test('on another file system there are no snapshots', async () => {
  await mkdir(join(folder, 'other/users/alice'), { recursive: true })
  const snapshots = createBtrfsSnapshots(join(folder, 'other'))
  expect(await snapshots.take(part('alice'))).toBeNull()
  await snapshots.tidy()
})

/** Real mounts that never answer. The process has four threads for calls to file systems. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBtrfsSnapshots } from '../../src/disk/btrfs-snapshots.ts'
import { createDataRoot } from '../../src/disk/data-root.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { lookAtRoot } from '../../src/disk/look-at-root.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { TimeLimitError, timeLimit } from '../../src/lib/time-limit.ts'
import { mountThatHangs } from '../e2e/support/hanging-mount.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-hanging-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Fails if no thread is left, because reading a file takes one. */
async function expectThreads(): Promise<void> {
  const text = await timeLimit('reading a file', 2_000, () => readFile('/proc/self/comm', 'utf8'))
  expect(text).not.toBe('')
}

// Trouble (mounts): the service waits for a data root on a dead file server
test('repeated looks at a data root that hangs take only one thread', async () => {
  await using hung = await mountThatHangs(join(folder, 'root'))
  for (let look = 0; look < 6; look += 1) await expect(lookAtRoot(hung.path)).rejects.toThrow(TimeLimitError)
  await expectThreads()
})

// Trouble (mounts): one person's folder is on a file server of its own, which dies
test('the hanging folder of one person blocks neither other people nor the proof', async () => {
  const { path, rootId } = await layOutDataRoot(join(folder, 'lab'), '5f3c0000-0000-4000-8000-000000000000', null)
  const root = createDataRoot({
    path,
    rootId,
    databaseId: { device: '', inode: '' },
    notebook: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    mayGiveAway: false,
    now: Date.now,
    limitMs: 300,
  })
  await mkdir(join(path, 'users'), { recursive: true })
  await using stack = new AsyncDisposableStack()
  for (const name of ['alice', 'bob', 'carol']) stack.use(await mountThatHangs(join(path, 'users', name)))

  const [alice, bob, carol, dora] = ['alice', 'bob', 'carol', 'dora'].map((name) => userId.parse(name))
  if (!alice || !bob || !carol || !dora) throw new Error('no ids')
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(
      [1, 2, 3].flatMap(() => [
        expect(root.requireUserFolder(alice)).rejects.toMatchObject({ code: 'user-folder-unusable' }),
        expect(root.folderIds(alice)).rejects.toThrow(TimeLimitError),
      ]),
    )
    await root.ensureUserFolder(dora)
    expect(await root.folderIds(dora)).toMatchObject({ data: { inode: expect.any(String) } })
    expect(await root.touchMarker('users')).toMatchObject({ kind: 'seen', rootId })
  }
  await expect(root.folderIds(bob)).rejects.toThrow(TimeLimitError)
  await expect(root.folderIds(carol)).rejects.toThrow(/a disk of its own, left alone/)
  await root.ensureUserFolder(dora)
  await expectThreads()
  expect(await root.seeMarker('users')).toMatchObject({ kind: 'seen', rootId })
})

// Trouble (files): one person's folder is on a file server of its own, which dies just before a backup reads it
test('a folder that hangs gets no snapshot, and the backup goes on to find out', async () => {
  const root = join(folder, 'snapshots')
  await mkdir(join(root, 'users'), { recursive: true })
  await using _hung = await mountThatHangs(join(root, 'users/alice'))
  const snapshots = createBtrfsSnapshots(root, 300)
  const part = { kind: 'person', userId: userId.parse('alice') } as const
  for (let round = 0; round < 3; round += 1) {
    expect(await timeLimit('the snapshot', 5_000, () => snapshots.take(part))).toBeNull()
  }
  await expectThreads()
})

import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BackupPart, backupsOf, snapshotFolderOf } from '../../src/domain/backups/backup.ts'
import type { UserId } from '../../src/domain/people/user-id.ts'
import type { BackupRepository } from '../../src/ports/backup-repository.ts'

const demo: BackupPart = { kind: 'person', userId: 'demo@ailab.com' as UserId }
const text = 'work'.repeat(500)
const largestFileBytes = 2 ** 30
const all = { from: 0, limit: 100 }

/** `open` gives a repository in that folder, with that key. */
export function backupRepositoryContract(name: string, open: (folder: string, key: string) => BackupRepository): void {
  describe(`${name}:`, () => {
    let folder: string
    let repository: BackupRepository
    const data = () => join(folder, 'data')
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ai-lab-backups-'))
      await mkdir(join(folder, 'repository'))
      await mkdir(join(data(), 'notebooks'), { recursive: true })
      await mkdir(join(data(), 'left-out'))
      await writeFile(join(data(), 'notebooks/a[1]*.ipynb'), text)
      await writeFile(join(data(), 'notebooks/b.ipynb'), 'another')
      await writeFile(join(data(), 'left-out/c'), 'not this')
      await chmod(join(data(), 'notebooks/b.ipynb'), 0o600)
      await symlink('/etc/passwd', join(data(), 'link'))
      repository = open(join(folder, 'repository'), 'sesame')
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    async function restored(snapshot: Awaited<ReturnType<BackupRepository['snapshots']>>[number], path = '') {
      const hostPath = await mkdtemp(join(folder, 'restored-'))
      await repository.restore({ snapshot, path, hostPath }, () => {})
      return join(hostPath, snapshotFolderOf(snapshot.part))
    }

    test('a folder without a repository has none until it was begun, and it is begun once', async () => {
      expect(await repository.isBegun()).toBe(false)
      await repository.begin()
      expect(await repository.isBegun()).toBe(true)
      await expect(repository.begin()).rejects.toMatchObject({ code: 'backup-repository-unusable' })
      expect(await repository.snapshots()).toEqual([])
    })

    test('a repository opens with no other key', async () => {
      const stranger = open(join(folder, 'repository'), 'open')
      await expect(stranger.isBegun()).rejects.toMatchObject({
        code: 'backup-repository-unusable',
        detail: 'The key does not open the repository of the backups.',
      })
    })

    test('a saved folder is listed, browsed and restored with what was in it', async () => {
      const saved = await repository.save(
        { backupId: 'one', part: demo, hostPath: data(), without: ['left-out'], largestFileBytes },
        () => {},
      )
      expect(saved).toMatchObject({ files: 2, bytes: 2007, unread: { count: 0 } })
      const [snapshot, ...others] = await repository.snapshots()
      expect(others).toEqual([])
      expect(snapshot).toMatchObject({ backupId: 'one', part: demo })
      if (!snapshot) return
      // The folder itself, notebooks/ and its two files, and the link.
      expect(await repository.sizeOf([snapshot.id])).toEqual({ entries: 5, bytes: 2007 })
      expect(await repository.entries(snapshot, '', all)).toEqual([
        { name: 'link', isExact: true, type: 'link', sizeBytes: expect.any(Number), modifiedAt: expect.any(Number) },
        { name: 'notebooks', isExact: true, type: 'folder', sizeBytes: 0, modifiedAt: expect.any(Number) },
      ])
      expect(await repository.entries(snapshot, 'notebooks', all)).toMatchObject([
        { name: 'a[1]*.ipynb', type: 'file', sizeBytes: 2000 },
        { name: 'b.ipynb', type: 'file', sizeBytes: 7 },
      ])
      expect(await repository.entries(snapshot, 'nowhere', all)).toBeNull()
      expect(await repository.entries(snapshot, '', { from: 0, limit: 1 })).toMatchObject([{ name: 'link' }])
      expect(await repository.entries(snapshot, '', { from: 1, limit: 1 })).toMatchObject([{ name: 'notebooks' }])
      expect(await repository.entries(snapshot, '', { from: 2, limit: 1 })).toEqual([])
      const whole = await restored(snapshot)
      expect(await readdir(whole, { recursive: true })).toEqual(
        expect.arrayContaining(['link', 'notebooks/a[1]*.ipynb', 'notebooks/b.ipynb']),
      )
      expect(await readFile(join(whole, 'notebooks/a[1]*.ipynb'), 'utf8')).toBe(text)
      const one = await restored(snapshot, 'notebooks/a[1]*.ipynb')
      expect(await readdir(join(one, 'notebooks'))).toEqual(['a[1]*.ipynb'])
    })

    test('one file of a snapshot is looked at and read as it was, byte for byte', async () => {
      const bytes = randomBytes(3_000_000)
      await writeFile(join(data(), 'notebooks/b[2].bin'), bytes)
      await writeFile(join(data(), 'empty'), '')
      await repository.save({ backupId: 'file', part: demo, hostPath: data(), largestFileBytes }, () => {})
      const snapshot = (await repository.snapshots()).find(({ backupId }) => backupId === 'file')
      if (!snapshot) throw new Error('no snapshot')
      expect(await repository.entry(snapshot, 'notebooks/b[2].bin')).toMatchObject({
        type: 'file',
        sizeBytes: 3_000_000,
      })
      expect(await repository.entry(snapshot, 'notebooks')).toMatchObject({ name: 'notebooks', type: 'folder' })
      expect(await repository.entry(snapshot, 'link')).toMatchObject({ type: 'link' })
      expect(await repository.entry(snapshot, 'notebooks/none')).toBeNull()
      expect(await repository.entry(snapshot, 'empty/none')).toBeNull()
      const contentOf = async (path: string) => {
        const pieces: Uint8Array[] = []
        await repository.content(snapshot, path, async (piece) => void pieces.push(Uint8Array.from(piece)))
        return Buffer.concat(pieces)
      }
      expect((await contentOf('notebooks/b[2].bin')).equals(bytes)).toBe(true)
      expect(await contentOf('empty')).toHaveLength(0)
      const full = async () => {
        throw new Error('enough')
      }
      await expect(repository.content(snapshot, 'notebooks/b[2].bin', full)).rejects.toThrow('enough')
      await rm(join(data(), 'notebooks/b[2].bin'))
      await rm(join(data(), 'empty'))
      await repository.drop([snapshot.id])
    })

    test('a file that says it is larger than the limit is left out', async () => {
      await repository.save(
        { backupId: 'two', part: { kind: 'shared' }, hostPath: data(), largestFileBytes: 1024 },
        () => {},
      )
      const snapshot = (await repository.snapshots()).find(({ part }) => part.kind === 'shared')
      expect(snapshot && (await repository.entries(snapshot, 'notebooks', all))).toMatchObject([{ name: 'b.ipynb' }])
    })

    test('dropped snapshots are gone, and the others stay whole', async () => {
      await repository.save({ backupId: 'three', part: demo, hostPath: data(), largestFileBytes }, () => {})
      const ids = (await repository.snapshots()).filter(({ backupId }) => backupId !== 'three').map(({ id }) => id)
      await repository.drop(ids)
      const left = await repository.snapshots()
      expect(backupsOf(left)).toMatchObject([{ id: 'three', isWhole: false }])
      const [snapshot] = left
      const whole = snapshot && (await restored(snapshot))
      expect(await readFile(join(whole ?? '', 'left-out/c'), 'utf8')).toBe('not this')
      await repository.check({ nth: 1, of: 1 })
    })

    test('a save that is given up leaves no snapshot, and can be repeated', async () => {
      const leaving = new AbortController()
      leaving.abort(new Error('enough'))
      const saving = { backupId: 'four', part: demo, hostPath: data(), largestFileBytes }
      await expect(repository.save(saving, () => {}, { signal: leaving.signal })).rejects.toThrow('enough')
      expect((await repository.snapshots()).map(({ backupId }) => backupId)).toEqual(['three'])
      await repository.save(saving, () => {})
      expect((await repository.snapshots()).map(({ backupId }) => backupId)).toContain('four')
    })

    test('a folder that is missing cannot be saved', async () => {
      const saving = { backupId: 'five', part: demo, hostPath: join(folder, 'nowhere'), largestFileBytes }
      await expect(repository.save(saving, () => {})).rejects.toMatchObject({ code: 'data-root-not-proven' })
    })
  })
}

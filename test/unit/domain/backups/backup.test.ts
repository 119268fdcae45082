import { expect, test } from 'vitest'
import {
  type BackupSnapshot,
  backupId,
  backupIdForm,
  backupsOf,
  begunAt,
  folderOf,
  partOf,
} from '../../../../src/domain/backups/backup.ts'
import type { UserId } from '../../../../src/domain/people/user-id.ts'

const at = Date.parse('2026-11-26T03:00:00Z')

test('snapshots with one id are one backup; it is whole once it has the records', () => {
  const snapshot = (id: string, backup: string, folder: string, later = 0): BackupSnapshot => {
    const part = partOf(folder)
    if (!part) throw new Error(folder)
    return { id, backupId: backup, part, at: at + later }
  }
  const all = [
    snapshot('1', 'old', 'shared'),
    snapshot('3', 'new', 'users/demo@ailab.com', 60),
    snapshot('2', 'old', 'admin', 10),
  ]
  expect(backupsOf(all).map(({ id, at: begun, isWhole }) => [id, begun - at, isWhole])).toEqual([
    ['new', 60, false],
    ['old', 0, true],
  ])
})

test('a folder is a part only under exactly the name that a person has', () => {
  expect(partOf('users/demo@ailab.com')).toEqual({ kind: 'person', userId: 'demo@ailab.com' })
  for (const folder of ['users', 'users/', 'users/..', 'users/Demo', 'users/a/b', 'etc', ''])
    expect(partOf(folder)).toBeNull()
  expect(folderOf({ kind: 'person', userId: 'demo@ailab.com' as UserId })).toBe('users/demo@ailab.com')
})

test("a backup's id sorts by its time, and is a name that any file system takes", () => {
  expect(backupId(at, 'k3v9')).toBe('2026-11-26T03-00-00Z-k3v9')
  expect(backupId(at, 'k3v9')).toMatch(backupIdForm)
})

test('the id of a backup tells when it was begun', () => {
  expect(begunAt(backupId(at, 'k3v9'))).toBe(at)
})

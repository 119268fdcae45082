import { expect, test } from 'vitest'
import { type BackupResult, backupText, restoredText } from '../../../src/commands/backup.ts'

const result: BackupResult = {
  backup_id: '2026-11-26T03-00-00Z-k3v9',
  files: 2_000,
  bytes: 3 * 2 ** 30,
  added_bytes: 2 ** 20,
  paused_environments: 0,
  unread_files: 0,
  left_out: [],
}

test('a backup that has all is one sentence on what it has, and one on what it takes', () => {
  expect(backupText(result)).toBe(
    'The backup 2026-11-26T03-00-00Z-k3v9 has 2,000 files (3 GiB). The repository grew by 1 MiB.\n',
  )
})

test('what a backup lacks is told, and whatever else happened', () => {
  const left = [{ folder: 'users/bob', reason: 'The backup program was killed.' }]
  const more = { paused_environments: 1, unread_files: 2, left_out: left, old_ones_stay: 'The repository is locked.' }
  expect(
    backupText({ ...result, ...more })
      .split('\n')
      .slice(1),
  ).toEqual([
    '1 environment stood still while it was made.',
    'It lacks 2 files that could not be read.',
    'It lacks users/bob: The backup program was killed.',
    'Old backups could not be removed: The repository is locked.',
    '',
  ])
})

test('a restored zip file is told with where its files are, and what was left out', () => {
  const restored = { folder: 'users/bob', to: 'restored-x', files: 12, bytes: 2 ** 20, left_out: 0, examples: [] }
  expect(restoredText(restored)).toBe('12 files (1 MiB) are in users/bob/restored-x.\n')
  const examples = [{ name: '../x\u001b[2J', reason: 'It leads out of the folder.' }]
  expect(restoredText({ ...restored, to: '', left_out: 3, examples }).split('\n')).toEqual([
    '12 files (1 MiB) are in users/bob.',
    '3 entries of the zip file were left out, such as:',
    '  ../x\\x1b[2J: It leads out of the folder.',
    '',
  ])
})

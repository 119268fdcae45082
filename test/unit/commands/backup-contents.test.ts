import { expect, test } from 'vitest'
import { newestOf, returnedText } from '../../../src/commands/backup-contents.ts'

const backup = (id: string, status: 'whole' | 'in-parts', ...folders: string[]) => ({ id, made: '', status, folders })

// Trouble (files): the newest backup is cut short, or lacks the folder that somebody wants back
test('the newest backup is the newest whole one that has the folder', () => {
  const all = [
    backup('d', 'in-parts', 'users/alice'),
    backup('c', 'whole', 'admin', 'shared'),
    backup('b', 'whole', 'admin', 'shared', 'users/alice'),
    backup('a', 'whole', 'admin', 'users/alice'),
  ]
  expect(newestOf(all, null)).toBe('c')
  expect(newestOf(all, 'users/alice')).toBe('b')
  expect(() => newestOf(all, 'users/bob')).toThrow('There is no whole backup that has users/bob.')
  expect(() => newestOf([], null)).toThrow('There is no whole backup.')
})

test('what was restored is told with its place', () => {
  expect(returnedText({ folder: 'users/alice', to: 'restored-b', entries: 2 })).toBe(
    '2 entries are in users/alice/restored-b.\n',
  )
  expect(returnedText({ folder: 'shared', to: '', entries: 1 })).toBe('1 entry is in shared.\n')
})

import { expect, test } from 'vitest'
import { addressOf, below } from '../../../src/commands/files.ts'

test('a path of the data root is an address of the API', () => {
  expect(addressOf('shared/datasets/rain 2025.csv')).toBe('/api/shared/files/datasets/rain%202025.csv')
  expect(addressOf('users/demo@ailab.com/notes/')).toBe('/api/users/demo@ailab.com/files/notes')
  expect(addressOf('shared')).toBe('/api/shared/files')
})

test.each(['', 'users', 'admin/ai-lab.db', '/etc/passwd'])('%j is no path of files', (path) => {
  expect(() => addressOf(path)).toThrow('neither in shared/ nor in users/<id>/')
})

test('a move stays in shared/, or in the folder of one person', () => {
  expect(below('users/a/x', 'users/a/new/y 1')).toBe('new/y 1')
  expect(() => below('users/a/x', 'users/b/x')).toThrow('the same person')
  expect(() => below('users/a/x', 'shared/x')).toThrow('the same person')
})

import { expect, test } from 'vitest'
import { planOf } from '../../../src/backups/run-restore.ts'

const input = { backup_id: '2026-11-26T03-00-00Z-k3v9', folder: 'users/demo@ailab.com', path: '', in_place: false }

test('a whole folder goes beside the rest', () => {
  expect(planOf({ input })).toMatchObject({ path: [], from: ['data'], to: ['restored-2026-11-26T03-00-00Z-k3v9'] })
})

test('one file goes to the folder where it was, or beside the rest without the folders above it', () => {
  const one = { ...input, path: 'notebooks/old/a.ipynb' }
  expect(planOf({ input: { ...one, in_place: true } })).toMatchObject({
    path: ['notebooks', 'old', 'a.ipynb'],
    from: ['data', 'notebooks', 'old'],
    to: ['notebooks', 'old'],
  })
  expect(planOf({ input: one })).toMatchObject({ to: ['restored-2026-11-26T03-00-00Z-k3v9'] })
})

test('a record that cannot be read is refused', () => {
  expect(() => planOf({ input: { ...input, folder: '../etc' } })).toThrow('wrong-state')
  expect(() => planOf({ input: { ...input, path: '../x' } })).toThrow('invalid-request')
})

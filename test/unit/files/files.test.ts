import { expect, test } from 'vitest'
import { sharedTree } from '../../../src/domain/files/tree.ts'
import { roomLimits } from '../../../src/domain/room.ts'
import { createFiles } from '../../../src/files/files.ts'
import { callerNamed } from '../../support/caller.ts'

const asked = { key: 'one', comingBytes: 100, storedBytes: 0 }

/** Files on a disk with that room for more, whose resumable uploads wait on one with that room for more. */
function filesWith(bytes: { tree: number; uploads: number }) {
  const room = (more: number) => async () => ({ freeBytes: roomLimits.problem.bytes + more })
  return createFiles({
    trees: { room: room(bytes.tree) },
    requireChange: async () => {},
    roomOfUploads: room(bytes.uploads),
  } as unknown as Parameters<typeof createFiles>[0])
}

// Trouble (files): admin/, where resumable uploads wait, has a small disk of its own
test.each([
  [{ tree: 100, uploads: 100 }, 'promised'],
  [{ tree: 1_000, uploads: 99 }, 'no-room'],
  [{ tree: 99, uploads: 1_000 }, 'no-room'],
])('a resumable upload of 100 bytes with room for %o is: %s', async (bytes, expected) => {
  const place = { tree: sharedTree, path: ['x'] }
  const promise = filesWith(bytes).promiseUpload(callerNamed('alice'), place, asked)
  expect(
    await promise.then(
      () => 'promised',
      ({ code }) => code,
    ),
  ).toBe(expected)
})

test('the storage of a person is told which file was written', async () => {
  const told: unknown[] = []
  const place = { tree: { kind: 'person', userId: callerNamed('alice').userId } as const, path: ['folder', 'x'] }
  const files = createFiles({
    trees: { look: async () => null, adopt: async () => ({ addedBytes: -5 }) },
    accounts: { account: async () => ({}) },
    folders: { ensureUserFolder: async () => {} },
    storage: { wrote: (...note: unknown[]) => told.push(note) },
    requireChange: async () => {},
  } as unknown as Parameters<typeof createFiles>[0])
  await files.adopt(callerNamed('alice'), place, '', { signal: new AbortController().signal })
  expect(told).toEqual([['alice', -5, 'folder/x']])
})

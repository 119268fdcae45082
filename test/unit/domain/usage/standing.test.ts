import { expect, test } from 'vitest'
import { userId } from '../../../../src/domain/people/user-id.ts'
import { requireStorage, requireTrashRoom, standingOf, standingWords } from '../../../../src/domain/usage/standing.ts'

test.each([
  [null, 10 ** 15, 'unlimited'],
  [1000, 0, 'within'],
  [1000, 899, 'within'],
  [1000, 900, 'near'],
  [1000, 999, 'near'],
  [1000, 1000, 'over'],
  [1000, 5000, 'over'],
] as const)('with a limit of %s, %s bytes are %s', (limitBytes, usedBytes, standing) => {
  expect(standingOf({ limitBytes, usedBytes })).toBe(standing)
  const tells = standing === 'near' || standing === 'over'
  expect(standingWords({ limitBytes, usedBytes }) !== null).toBe(tells)
})

test('what does not fit is refused with both figures, also before the limit is reached', () => {
  const room = { limitBytes: 10 * 2 ** 20, usedBytes: 6 * 2 ** 20 }
  expect(() => requireStorage(room, 'This upload', 4 * 2 ** 20)).not.toThrow()
  expect(() => requireStorage(room, 'This upload', 5 * 2 ** 20)).toThrow(
    'storage-full: This upload is refused: the folder takes 6 MiB of the 10 MiB that the tier allows and this needs 5 MiB more.',
  )
  expect(() => requireStorage({ ...room, usedBytes: room.limitBytes }, 'A new environment')).toThrow('storage-full')
  expect(() => requireStorage({ limitBytes: null, usedBytes: 1 }, 'This upload', 2 ** 50)).not.toThrow()
})

test('a trash that holds the limit or more takes nothing more, whatever the folder takes', () => {
  const alice = userId.parse('alice')
  const required = (trashBytes: number, by = alice) =>
    requireTrashRoom({ limitBytes: 2 ** 20, trashBytes }, { by, id: alice })
  expect(() => required(2 ** 20 - 1)).not.toThrow()
  expect(() => required(2 ** 20)).toThrow(
    'storage-full: The deletion is refused: your trash holds 1 MiB, and your tier allows 1 MiB there. Remove something from it for good: DELETE /api/trash/<id>.',
  )
  expect(() => required(2 ** 21, userId.parse('admin'))).toThrow(
    'the trash of alice holds 2 MiB, and their tier allows 1 MiB there.',
  )
})

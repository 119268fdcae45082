import { expect, test } from 'vitest'
import { fromCursor, toCursor } from '../../../src/http/cursor.ts'

test('a cursor gives back the values that it was made of', () => {
  expect(fromCursor(toCursor([17, 'ai-lab-x']), ['number', 'string'])).toEqual([17, 'ai-lab-x'])
})

test.each(['', 'not base64!', toCursor(['a', 'b']), toCursor([1]), Buffer.from('{}').toString('base64url')])(
  '%j is refused',
  (cursor) => {
    expect(() => fromCursor(cursor, ['number', 'string'])).toThrow(
      expect.objectContaining({
        detail: 'The cursor is not one that a list gave.',
        errors: [{ pointer: '/cursor', detail: expect.any(String) }],
      }),
    )
  },
)

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { userId, userIdRule } from '../../../../src/domain/people/user-id.ts'

describe('user ids:', () => {
  test.each(['a', '0', 'demo@ailab.com', 'a.b_c+d-e', 'a'.repeat(128)])('the id %s is accepted as it is', (id) => {
    expect(userId.parse(id)).toBe(id)
  })

  test('an id is the same in upper and lower case', () => {
    expect(userId.parse('Demo@AILab.com')).toBe('demo@ailab.com')
  })

  // Trouble (input): user ids `../x`, `a/b`, `.`, empty, 129 characters, unicode
  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'a..b',
    '.hidden',
    '-rf',
    '@home',
    ' a',
    'a ',
    'a b',
    'a\n',
    'a\0',
    'ユーザー',
    'é',
    '\u212Aelvin', // the Kelvin sign, which lower-cases to an ASCII k
    'a'.repeat(129),
    '~root',
    'a%2fb',
  ])('the id %j is refused, and the message states the rule', (id) => {
    const result = userId.safeParse(id)
    expect(result.success).toBe(false)
    expect(result.error?.issues[0]?.message).toBe(userIdRule)
  })

  // Trouble (input): user ids `../x`, `a/b`, `.`, empty, 129 characters, unicode
  test('an accepted id is always one harmless file name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 140 }), (text) => {
        const result = userId.safeParse(text)
        if (!result.success) return true
        return /^[a-z0-9][a-z0-9._@+-]*$/.test(result.data) && !result.data.includes('..') && result.data.length <= 128
      }),
    )
  })
})

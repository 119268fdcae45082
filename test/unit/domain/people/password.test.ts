import { expect, test } from 'vitest'
import { requirePassword } from '../../../../src/domain/people/password.ts'
import { userId } from '../../../../src/domain/people/user-id.ts'

const alice = userId.parse('alice@example.org')

test.each([
  ['eleven chars', 'elevenchars', false],
  ['twelve chars', 'twelve chars', true],
  ['twelve spaces', ' '.repeat(12), true],
  ['six letters of two units each', '\u{1d11e}'.repeat(6), false],
  ['twelve letters of two units each', '\u{1d11e}'.repeat(12), true],
  ['1024 characters', 'x'.repeat(1024), true],
  ['1025 characters', 'x'.repeat(1025), false],
  ['the user id', 'alice@example.org', false],
  ['the user id in capitals', 'ALICE@example.org', false],
  ['more than the user id', 'alice@example.org!', true],
])('%s: whether it may be a password', (_, password, may) => {
  const require = () => requirePassword(password, alice)
  if (may) require()
  else expect(require).toThrow('12 to 1024 characters')
})

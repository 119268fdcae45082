import { expect, test } from 'vitest'
import { isEnded } from '../../../../src/domain/people/ended-elsewhere.ts'

const claims = { subject: 'ann', sid: 'a', iat: 100 }
const all = { subject: 'ann', session: null, at: 100 }

test.each([
  ['the person, later', claims, all, true],
  ['the person, earlier', claims, { ...all, at: 99 }, false],
  ['another person', claims, { ...all, subject: 'bob' }, false],
  ['its session', claims, { ...all, subject: null, session: 'a' }, true],
  ['another session', claims, { ...all, subject: null, session: 'b' }, false],
  ['another session of the person', claims, { ...all, session: 'b' }, false],
  ['a session of the person, which may be its own', { ...claims, sid: undefined }, { ...all, session: 'b' }, true],
  [
    "a session that may be another person's",
    { ...claims, sid: undefined },
    { ...all, subject: null, session: 'b' },
    false,
  ],
] as const)('a sign-in and the end of %s', (_, signIn, end, expected) => {
  expect(isEnded(signIn, end)).toBe(expected)
})

import { expect, test } from 'vitest'
import { clientName, endOfSession } from '../../../../src/domain/people/session.ts'

const day = 86_400_000

test('a session ends 7 days after its last use, and 30 days after the sign-in at the latest', () => {
  expect(endOfSession({ createdAt: 0, lastUsedAt: 0 })).toBe(7 * day)
  expect(endOfSession({ createdAt: 0, lastUsedAt: 10 * day })).toBe(17 * day)
  expect(endOfSession({ createdAt: 0, lastUsedAt: 29 * day })).toBe(30 * day)
})

test("a browser's name for itself is shortened, and cannot steer a terminal", () => {
  expect(clientName(undefined)).toBe('')
  expect(clientName('curl/8\u009b31m')).toBe('curl/8\\x9b31m')
  expect(clientName('x'.repeat(9_000))).toHaveLength(200)
})

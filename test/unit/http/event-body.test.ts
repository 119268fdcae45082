import { expect, test } from 'vitest'
import { toEventBody } from '../../../src/http/schemas/progress.ts'

test('a warning says its cause: use puts off a stop for idleness, and not the end of the longest run', () => {
  const at = Date.parse('2026-11-27T06:30:00Z')
  const body = toEventBody(
    { kind: 'warning', cause: 'max-runtime', action: 'stop', at, givenAt: at - 60_000, reason: 'It is stopped.' },
    false,
  )
  expect(body).toEqual({
    cause: 'max-runtime',
    action: 'stop',
    at: '2026-11-27T06:30:00.000Z',
    given_at: '2026-11-27T06:29:00.000Z',
    reason: 'It is stopped.',
  })
})

import { expect, test } from 'vitest'
import { undocumented } from '../../support/undocumented.ts'

test.each([
  ['GET', '/api/environments/x', 200, {}, null],
  ['GET', '/api/environments/x?y=1', 404, { type: '/problems/environment-not-found' }, null],
  ['POST', '/api/environments/x/pause', 409, { type: '/problems/wrong-state' }, null],
  ['GET', '/elsewhere', 500, {}, null],
  ['PUT', '/api/environments/x', 405, { type: '/problems/method-not-allowed' }, null],
  ['GET', '/api/environments/x', 409, {}, 'answered 409'],
  [
    'POST',
    '/api/environments/x/pause',
    409,
    { type: '/problems/quota-reached' },
    'answered 409 /problems/quota-reached',
  ],
] as const)(
  'the tests know whether the document has the answer of %s %s with %i %j',
  (method, path, status, body, words) => {
    const told = undocumented({ method, path, status, body })
    if (words === null) expect(told).toBe(null)
    else expect(told).toContain(words)
  },
)

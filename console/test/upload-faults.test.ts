import { expect, test } from 'vitest'
import { Refusal, Unreachable } from '../src/api/refusal.ts'
import {
  assertReadable,
  faultOfLook,
  leavesOpenWho,
  maySucceedLater,
  problemOf,
  Unreadable,
  waitAfter,
} from '../src/uploads/faults.ts'

test.each([401, 403, 429, 500, 503])(
  'an upload whose state cannot be read because of a %i does not begin again',
  (status) => {
    const fault = faultOfLook('HEAD', status)
    expect(fault).toBeInstanceOf(Refusal)
    expect(fault).toHaveProperty('status', status)
  },
)

test('a service that is away does not make an upload begin again', () => {
  expect(faultOfLook('HEAD', 502)).toBeInstanceOf(Unreachable)
  expect(faultOfLook('HEAD', 504)).toBeInstanceOf(Unreachable)
})

test('an upload that is known, gone, or locked is left to tus-js-client', () => {
  for (const status of [200, 204, 404, 410, 423]) expect(faultOfLook('HEAD', status)).toBeNull()
  for (const status of [401, 503]) expect(faultOfLook('PATCH', status)).toBeNull()
})

/** As tus-js-client's DetailedError. */
const tusError = (answer: { status: number; body: string } | null, causingError: Error | null = null) =>
  Object.assign(new Error('tus: failed'), {
    originalRequest: {} as never,
    originalResponse:
      answer && ({ getStatus: () => answer.status, getBody: () => answer.body, getHeader: () => undefined } as never),
    causingError,
  })

test('the reason why an upload cannot go on is the reason that is told', () => {
  const refusal = new Refusal(401, {})
  expect(problemOf(tusError(null, refusal))).toBe(refusal)
  expect(problemOf(tusError(null, new Error('network')))).toBeInstanceOf(Unreachable)
})

test('an answer of the service is told in its words', () => {
  const body = JSON.stringify({ type: 'https://x/problems/no-room', detail: 'The disk is full.' })
  expect(problemOf(tusError({ status: 507, body }))).toMatchObject({ message: 'The disk is full.', code: 'no-room' })
  expect(problemOf(tusError({ status: 400, body: '<html>' }))).toMatchObject({ status: 400, message: 'HTTP 400' })
})

test('a file that the browser cannot read is told from a lost connection', async () => {
  const gone = new Blob(['x'])
  gone.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('NotReadableError')) })
  await expect(assertReadable(gone)).rejects.toBeInstanceOf(Unreadable)
  await expect(assertReadable(new Blob(['x']))).resolves.toBeUndefined()
  await expect(assertReadable(new Blob([]))).resolves.toBeUndefined()
})

test('the next try waits as long as the service asks, but no more than five minutes', () => {
  expect(waitAfter(new Refusal(429, {}, '30'), 1_000)).toBe(30_000)
  expect(waitAfter(new Refusal(429, {}, '999999'), 1_000)).toBe(300_000)
  expect(waitAfter(new Refusal(429, {}, 'Fri, 27 Nov 2026 03:00:00 GMT'), 1_000)).toBe(1_000)
  expect(waitAfter(faultOfLook('HEAD', 429, '7'), 1_000)).toBe(7_000)
  expect(waitAfter(new Unreachable(), 2_000)).toBe(2_000)
})

test('an upload goes on after a part that another request has overtaken, and ends at a refusal that stays', () => {
  const refusal = (status: number, code: string) => new Refusal(status, { type: `https://x/problems/${code}` })
  expect(maySucceedLater(refusal(409, 'wrong-state'))).toBe(true)
  expect(maySucceedLater(refusal(503, 'data-root-not-proven'))).toBe(true)
  expect(maySucceedLater(refusal(409, 'wrong-kind'))).toBe(false)
  expect(maySucceedLater(refusal(412, 'precondition-failed'))).toBe(false)
  expect(maySucceedLater(new Error('other'))).toBe(false)
})

test('only a refusal without a body leaves open whether another person is signed in', () => {
  expect(leavesOpenWho(faultOfLook('HEAD', 403))).toBe(true)
  expect(leavesOpenWho(new Refusal(403, { type: '/problems/forbidden' }))).toBe(false)
  expect(leavesOpenWho(faultOfLook('HEAD', 503))).toBe(false)
})

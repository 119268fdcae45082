import { expect, test } from 'vitest'
import { prefer, waitSeconds } from '../../../src/http/wait.ts'

test.each([
  [undefined, 0],
  ['', 0],
  ['wait=20', 20],
  ['Wait = 20', 20],
  ['wait="20"', 20],
  ['respond-async, wait=20', 20],
  ['respond-async;x="1,2", wait=20; y=1', 20],
  ['wait=20, wait=30', 20],
  ['note="a, wait=30"', 0],
  ['await=20', 0],
  ['wait=0', 0],
  ['wait=60', 55],
  ['wait=999999999', 55],
] as const)('the service waits for the seconds that a client prefers, at most 55: %j', (header, seconds) => {
  expect(prefer.safeParse(header).success).toBe(true)
  expect(waitSeconds(header)).toBe(seconds)
})

test.each([
  'wait=abc',
  'wait=',
  'wait',
  'wait=-1',
  'wait=1.5',
  'wait=1e9',
  'wait=9999999999',
  'wait=10 s',
  'respond-async, wait=soon',
])('the preference %j says no whole number of seconds', (header) => {
  expect(prefer.safeParse(header).error?.issues[0]?.message).toContain('whole number of seconds')
})

import { expect, test } from 'vitest'
import { desiredBy } from '../../../src/environments/change.ts'

const running = { desired: 'running' } as const

test.each([
  ['start', { desired: 'running', failure: null }],
  ['stop', { desired: 'stopped', failure: null }],
  ['restart', { desired: 'running', failure: null, restartRequestedAt: 7 }],
  ['delete', { desired: 'gone' }],
  ['pause', { desired: 'paused' }],
  ['resume', { desired: 'running' }],
] as const)('%s a running one', (action, change) => {
  expect(desiredBy(action, running, 'running', 7)).toEqual(change)
})

test('only what runs can be paused, and asking twice is harmless', () => {
  expect(() => desiredBy('pause', running, 'starting', 7)).toThrow('only a running environment')
  expect(desiredBy('pause', { desired: 'paused' }, 'unknown', 7)).toEqual({ desired: 'paused' })
})

test('only what is paused or runs can be resumed', () => {
  expect(() => desiredBy('resume', { desired: 'stopped' }, 'exited', 7)).toThrow('Start it instead')
})

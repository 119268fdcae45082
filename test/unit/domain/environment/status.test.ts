import { expect, test } from 'vitest'
import type { Container } from '../../../../src/domain/environment/environment.ts'
import { statusOf, statusReason, unknownRuntime } from '../../../../src/domain/environment/status.ts'
import { container } from '../../../support/container.ts'

const fine = {
  desired: 'running',
  failure: null,
  restartRequestedAt: null,
  replaceContainer: null,
  madeFrom: 'latest',
  safe: false,
  idleAction: null,
} as const
const failed = {
  ...fine,
  failure: {
    code: 'environment-exited',
    detail: 'It ended with exit code 1.',
    adminDetail: 'It ended with exit code 1.',
    at: 1,
  },
} as const

function seen(state: Container['state'], ready = false) {
  return { observation: container({ state, startedAt: 1 }), ready }
}

test('an environment that nobody has looked at yet is unknown', () => {
  expect(statusOf(fine, null, null)).toBe('unknown')
})

// Trouble (known): an engine that answers 500, or not at all, looks like a stopped container
test('an environment is unknown, never exited, while the engine does not answer', () => {
  const away = { observation: { kind: 'unreachable', reason: 'The engine does not answer.' }, ready: false } as const
  expect(statusOf(fine, away, null)).toBe('unknown')
  expect(statusOf(failed, away, 'starting')).toBe('unknown')
  expect(statusReason(fine, { ...unknownRuntime, seen: away }, false)).toBe('The engine does not answer.')
})

test('an environment is running only once it has answered', () => {
  expect(statusOf(fine, seen('running'), null)).toBe('starting')
  expect(statusOf(fine, seen('running', true), null)).toBe('running')
})

test.each([
  ['queued', 'pending'],
  ['pulling', 'pulling'],
  ['creating', 'creating'],
  ['starting', 'starting'],
  ['awaiting-ready', 'starting'],
  ['stopping', 'stopping'],
] as const)('while its activity is %s, its status is %s', (activity, status) => {
  expect(statusOf(fine, seen('exited'), activity)).toBe(status)
})

test('a failed environment says why', () => {
  expect(statusOf(failed, seen('exited'), null)).toBe('failed')
  expect(statusReason(failed, { ...unknownRuntime, seen: seen('exited') }, false)).toBe('It ended with exit code 1.')
})

test('an environment that waits for its turn shows its place in the queue', () => {
  const runtime = { ...unknownRuntime, seen: seen('created'), activity: 'queued', queuePlace: 3 } as const
  expect(statusReason(fine, runtime, false)).toBe('It waits for its turn to start: number 4 in the queue.')
})

test('an environment that is being deleted is stopping, whatever its container does', () => {
  expect(statusOf({ ...fine, desired: 'gone' }, seen('running', true), null)).toBe('stopping')
})

test('a stopped environment without a container is exited', () => {
  const absent = { observation: { kind: 'absent' }, ready: false } as const
  expect(statusOf({ ...fine, desired: 'stopped' }, absent, null)).toBe('exited')
})

test('an environment that is to be restarted is stopping, not running', () => {
  expect(statusOf({ ...fine, restartRequestedAt: 1 }, seen('running', true), null)).toBe('stopping')
  expect(statusOf({ ...fine, restartRequestedAt: 0 }, seen('running', true), null)).toBe('running')
})

test('an environment whose container is to be replaced is stopping, and running once it has the new one', () => {
  expect(statusOf({ ...fine, replaceContainer: 'c1' }, seen('running', true), null)).toBe('stopping')
  expect(statusOf({ ...fine, replaceContainer: 'c0' }, seen('running', true), null)).toBe('running')
})

test.each([{ desired: 'stopped' }, { restartRequestedAt: 1 }, { replaceContainer: 'c1' }] as const)(
  'a paused environment that is to end is stopping, so nobody is told to resume it (%o)',
  (wish) => {
    expect(statusOf({ ...fine, ...wish }, seen('paused'), null)).toBe('stopping')
  },
)

test('a paused environment is paused, also after a restart or a recreation that never happened', () => {
  expect(statusOf({ ...fine, desired: 'paused' }, seen('paused'), null)).toBe('paused')
  expect(statusOf({ ...fine, desired: 'paused', restartRequestedAt: 1 }, seen('paused'), null)).toBe('paused')
  expect(statusOf({ ...fine, desired: 'paused', replaceContainer: 'c1' }, seen('paused'), null)).toBe('paused')
})

test('administrators see more of why an environment waits than others', () => {
  const note = { detail: 'Your folder cannot be used.', adminDetail: 'The folder /srv/lab/users/a cannot be used.' }
  const runtime = { ...unknownRuntime, seen: seen('exited'), note }
  expect(statusReason(fine, runtime, false)).toBe('Your folder cannot be used.')
  expect(statusReason(fine, runtime, true)).toBe('The folder /srv/lab/users/a cannot be used.')
})

// Trouble (input): a program takes more memory than its environment has
test('an environment says that its memory ran out while it is up in the same run, and is to stay up', () => {
  const outOfMemory = { startedAt: 1, at: 2, words: 'Its memory ran out.' }
  const runtime = { ...unknownRuntime, outOfMemory, seen: seen('running', true) }
  expect(statusReason(fine, runtime, false)).toBe('Its memory ran out.')
  expect(statusReason({ ...fine, desired: 'paused' }, { ...runtime, seen: seen('paused') }, false)).toBe(
    'Its memory ran out.',
  )
  expect(statusReason({ ...fine, desired: 'stopped' }, runtime, false)).toBeNull()
  expect(statusReason({ ...fine, desired: 'gone' }, runtime, false)).toBeNull()
  expect(statusReason(fine, { ...runtime, outOfMemory: { ...outOfMemory, startedAt: 0 } }, false)).toBeNull()
  expect(statusReason({ ...fine, desired: 'stopped' }, { ...runtime, seen: seen('exited') }, false)).toBeNull()
})

import { expect, test } from 'vitest'
import { type Container, whateverItsStart } from '../../../../src/domain/environment/environment.ts'
import { type Runtime, unknownRuntime } from '../../../../src/domain/environment/status.ts'
import { transitionOf } from '../../../../src/domain/environment/transition.ts'
import { container } from '../../../support/container.ts'

const running = {
  desired: 'running',
  failure: null,
  restartRequestedAt: null,
  replaceContainer: null,
  safe: false,
  madeFrom: { id: 'sha256:1', digest: null },
  idleAction: null,
} as const
const stopped = { ...running, desired: 'stopped' } as const
const paused = { ...running, desired: 'paused' } as const
const gone = { ...running, desired: 'gone' } as const
const failure = { code: 'not-ready-in-time', detail: '', adminDetail: '', at: 1 } as const
const absent: Runtime = { ...unknownRuntime, seen: { observation: { kind: 'absent' }, ready: false } }
const away: Runtime = { ...unknownRuntime, seen: { observation: { kind: 'unreachable', reason: '' }, ready: false } }

function seen(
  state: Container['state'],
  { ready = false, ...rest }: Partial<Runtime & { ready: boolean }> = {},
): Runtime {
  return { ...unknownRuntime, ...rest, seen: { observation: container({ state, startedAt: 5 }), ready } }
}

test.each([
  ['runs as desired', running, seen('running', { ready: true })],
  ['is paused as desired', paused, seen('paused')],
  ['is stopped as desired', stopped, seen('exited')],
  ['is stopped without a container', stopped, absent],
  ['has failed', { ...running, failure }, seen('exited')],
  [
    'has the container of somebody else',
    running,
    {
      ...absent,
      seen: { observation: { kind: 'foreign', container: container({}), detail: '', adminDetail: '' }, ready: false },
    },
  ],
] as const)('nothing is under way on an environment that %s', (_, wanted, runtime) => {
  expect(transitionOf(wanted, runtime)).toBe(null)
})

test.each([
  ['a new one', running, absent, 'start'],
  ['an ended one that is to run', running, seen('exited'), 'start'],
  ['one that has not answered yet', running, seen('running'), 'start'],
  ['a running one that is to stop', stopped, seen('running', { ready: true }), 'stop'],
  ['a running one that is to pause', paused, seen('running', { ready: true }), 'pause'],
  ['a paused one that is to run', running, seen('paused'), 'resume'],
  [
    'a running one that is to be restarted',
    { ...running, restartRequestedAt: 5 },
    seen('running', { ready: true }),
    'restart',
  ],
  ['a paused one that is to be restarted', { ...running, restartRequestedAt: 5 }, seen('paused'), 'restart'],
  ['an ended one whose start is recorded', { ...running, restartRequestedAt: 5 }, seen('exited'), 'start'],
  [
    'one whose container is to be replaced',
    { ...running, replaceContainer: 'c1' },
    seen('running', { ready: true }),
    'recreate',
  ],
  ['a running one that is to go', gone, seen('running', { ready: true }), 'delete'],
  ['one that is to go and has no container', gone, absent, 'delete'],
  ['one that is to run while the engine is away', running, away, 'start'],
  [
    'one that is to be restarted while the engine is away',
    { ...running, restartRequestedAt: whateverItsStart },
    away,
    'restart',
  ],
  ['one that is to stop while the engine is away', stopped, away, 'stop'],
  ['one that nobody has looked at yet', paused, unknownRuntime, 'pause'],
  [
    'a failed one that the service still stops',
    { ...running, failure },
    seen('running', { activity: 'stopping' }),
    'stop',
  ],
] as const)('under way on %s is the work that remains', (_, wanted, runtime, action) => {
  expect(transitionOf(wanted, runtime)?.action).toBe(action)
})

test('a transition names the statuses that end it, and the present status is none of them', () => {
  expect(transitionOf(paused, seen('running', { ready: true }))?.until).toEqual(['paused', 'exited', 'failed'])
  expect(transitionOf(running, seen('paused'))?.until).toEqual(['running', 'exited', 'failed'])
  expect(transitionOf(stopped, seen('paused'))?.until).toEqual(['exited', 'failed'])
  expect(transitionOf(gone, seen('exited'))?.until).toEqual(['gone'])
  expect(transitionOf({ ...running, failure }, seen('running', { activity: 'stopping' }))?.until).toEqual(['failed'])
})

test('a transition began when somebody asked for it, or when the platform itself acted', () => {
  expect(transitionOf(stopped, seen('running', { requestedAt: 7 }))?.startedAt).toBe(7)
  expect(transitionOf(stopped, seen('running'))?.startedAt).toBe(null)
  const idle = { ...paused, idleAction: { cause: 'idle-pause', afterMs: 1, at: 9 } } as const
  expect(transitionOf(idle, seen('running', { ready: true, requestedAt: 7 }))?.startedAt).toBe(9)
  expect(transitionOf({ ...idle, desired: 'running' }, seen('paused', { requestedAt: 7 }))?.startedAt).toBe(7)
})

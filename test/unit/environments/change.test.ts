import { expect, test } from 'vitest'
import { type Environment, whateverItsStart } from '../../../src/domain/environment/environment.ts'
import { type Runtime, unknownRuntime } from '../../../src/domain/environment/status.ts'
import { labels } from '../../../src/domain/names.ts'
import { type Action, createChange, desiredBy } from '../../../src/environments/change.ts'
import type { EnvironmentChange } from '../../../src/ports/environment-store.ts'
import { callerNamed } from '../../support/caller.ts'
import { container } from '../../support/container.ts'

const running = { desired: 'running' } as const
const up = { startedAt: 7, ended: false }

test.each([
  ['start', { desired: 'running', failure: null }],
  ['stop', { desired: 'stopped', failure: null }],
  ['restart', { desired: 'running', failure: null, restartRequestedAt: 7 }],
  ['delete', { desired: 'gone' }],
  ['pause', { desired: 'paused', failure: null }],
  ['resume', { desired: 'running', failure: null }],
] as const)('%s changes what is desired of a running environment', (action, change) => {
  expect(desiredBy(action, running, 'running', up)).toEqual(change)
})

test('a start of an ended environment and a restart stay due until the container has a later start', () => {
  const start = desiredBy('start', { desired: 'stopped' }, 'exited', { ...up, ended: true })
  expect(start).toEqual({ desired: 'running', failure: null, restartRequestedAt: 7 })
  const restart = desiredBy('restart', running, 'unknown', { ...up, startedAt: null })
  expect(restart).toMatchObject({ restartRequestedAt: whateverItsStart })
})

test('only a running environment can be paused, and asking twice is harmless', () => {
  expect(() => desiredBy('pause', running, 'starting', up)).toThrow('only a running environment')
  expect(desiredBy('pause', { desired: 'paused' }, 'unknown', up)).toEqual({ desired: 'paused', failure: null })
})

// Trouble (files): somebody pauses an environment that a backup holds still
test('an environment that a backup has paused can be paused, and then stays so', () => {
  expect(desiredBy('pause', running, 'paused', up)).toEqual({ desired: 'paused', failure: null })
  expect(() => desiredBy('pause', { desired: 'stopped' }, 'stopping', up)).toThrow('It is stopping')
})

test('only a paused or running environment can be resumed', () => {
  expect(() => desiredBy('resume', { desired: 'stopped' }, 'exited', { ...up, ended: true })).toThrow(
    'Start it instead',
  )
})

test.each(['start', 'stop', 'restart', 'pause', 'resume'] as const)(
  "a person's %s counts as activity, and clears the last idle action",
  async (action) => {
    const environment = { desired: 'running', idleAction: { cause: 'idle-pause', afterMs: 1, at: 1 } } as Environment
    const { act, changes } = changeOf(environment)
    await act(action)
    expect(changes).toMatchObject([{ lastActivityAt: 7, idleAction: null }])
  },
)

test.each([
  [false, true, { safe: true, replaceContainer: 'c1' }],
  [true, false, { safe: false, replaceContainer: 'c1' }],
  [true, true, {}],
  [true, undefined, {}],
])(
  'an environment that is safe (%s) and is started with safe: %s takes a new container only for a change',
  async (before, safe, expected) => {
    const environment = { desired: 'running', safe: before } as Environment
    const seen = { observation: container(), ready: true }
    const { act, changes } = changeOf(environment, { ...unknownRuntime, seen })
    await act('start', safe === undefined ? {} : { safe })
    const { safe: after, replaceContainer } = changes[0] ?? {}
    expect({ ...(after !== undefined && { safe: after }), ...(replaceContainer && { replaceContainer }) }).toEqual(
      expected,
    )
  },
)

// Trouble (known): somebody thinks better of a safe start that waits, and the service replaces the container that is right
test.each([true, false])(
  'a start in the mode that its container has (safe: %s) calls the other start off',
  async (safe) => {
    const environment = { desired: 'running', safe: !safe, replaceContainer: 'c1' } as Environment
    const marks = { [labels.record]: '{}', ...(safe && { [labels.safe]: 'true' }) }
    const seen = { observation: container({ labels: marks }), ready: true }
    const { act, changes } = changeOf(environment, { ...unknownRuntime, seen })
    await act('start', { safe })
    expect(changes).toMatchObject([{ safe, replaceContainer: null }])
  },
)

function changeOf(environment: Environment, runtime: Runtime = unknownRuntime) {
  const changes: EnvironmentChange[] = []
  const found = { environment, runtime, status: 'running' } as const
  const change = createChange({
    find: { one: async () => found, page: async () => ({ items: [], next: null }) },
    store: {
      async change(_id, each) {
        changes.push(each)
        return environment
      },
    },
    redirect: () => {},
    renamed: () => {},
    clock: { now: () => 7 },
  })
  const act = (action: Action, options = {}) => change.act(callerNamed('a@lab'), 'e1', action, options)
  return { act, changes }
}

import { expect, test } from 'vitest'
import type { Container, Environment } from '../../../../src/domain/environment/environment.ts'
import { whileStill } from '../../../../src/domain/environment/stand-still.ts'
import { container } from '../../../support/container.ts'

const running = {
  ...{ desired: 'running', failure: null, restartRequestedAt: null, replaceContainer: null },
  ...{ madeFrom: null, safe: false },
} as unknown as Environment
const seen = (state: Container['state']) => ({
  observation: container({ containerId: 'it', state, startedAt: 100 }),
  ready: true,
})

test.each(['running', 'paused'] as const)(
  'an environment that is %s is to be paused while it stands still',
  (state) => {
    expect(whileStill(running, seen(state)).desired).toBe('paused')
  },
)

test.each([
  ['it has ended', running, seen('exited')],
  ['there is no container', running, { observation: { kind: 'absent' }, ready: false } as const],
  ['the engine does not answer', running, { observation: { kind: 'unreachable', reason: '' }, ready: false } as const],
  ['somebody asked to stop it', { ...running, desired: 'stopped' } as Environment, seen('running')],
  ['somebody asked to delete it', { ...running, desired: 'gone' } as Environment, seen('paused')],
  ['somebody asked for a restart', { ...running, restartRequestedAt: 200 }, seen('paused')],
  ['its container is to be replaced', { ...running, replaceContainer: 'it' }, seen('running')],
])('its record counts if %s', (_, environment, observed) => {
  expect(whileStill(environment, observed)).toBe(environment)
})

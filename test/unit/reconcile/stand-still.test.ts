import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { unknownRuntime } from '../../../src/domain/environment/status.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createStandStill, createStill } from '../../../src/reconcile/stand-still.ts'
import { container } from '../../support/container.ts'

const alice = userId.parse('alice')
const signal = new AbortController().signal

/** One running environment, whose passes are done at once. */
function lab() {
  const still = createStill()
  let state: 'running' | 'paused' = 'running'
  let endOfTime = () => {}
  const standStill = createStandStill({
    still,
    store: { list: async () => [{ id: 'one', desired: 'running' } as Environment] },
    reconciler: {
      wake: () => {
        state = still.has(alice) ? 'paused' : 'running'
      },
      change: async () => {},
      runtime: () => ({ ...unknownRuntime, seen: { observation: container({ state }), ready: true } }),
    },
    clock: {
      after: (_, call) => {
        endOfTime = call
        return () => {}
      },
    },
  })
  return { still, standStill, state: () => state, endOfTime: () => endOfTime() }
}

test('environments stand still until the hold is disposed, also if two hold them', async () => {
  const { standStill, state } = lab()
  const first = await standStill(alice, { signal, atMostMs: 1000 })
  expect([first.paused, state()]).toEqual([1, 'paused'])
  const second = await standStill(alice, { signal, atMostMs: 1000 })
  await second[Symbol.asyncDispose]()
  expect(state()).toBe('paused')
  await first[Symbol.asyncDispose]()
  expect(state()).toBe('running')
})

// Trouble (files): somebody creates or starts an environment while a backup holds theirs still
test('the end of the hold also resumes environments that were created or started meanwhile', async () => {
  const still = createStill()
  const states = new Map<string, 'running' | 'paused'>([['one', 'running']])
  const standStill = createStandStill({
    still,
    store: { list: async () => Array.from(states.keys(), (id) => ({ id, desired: 'running' }) as Environment) },
    reconciler: {
      wake: (id) => void states.set(id, still.has(alice) ? 'paused' : 'running'),
      change: async () => {},
      runtime: (id) => ({
        ...unknownRuntime,
        seen: { observation: container({ state: states.get(id) ?? 'exited' }), ready: true },
      }),
    },
    clock: { after: () => () => {} },
  })
  const held = await standStill(alice, { signal, atMostMs: 1000 })
  states.set('created meanwhile', 'paused')
  await held[Symbol.asyncDispose]()
  expect([...states.values()]).toEqual(['running', 'running'])
})

// Trouble (files): a backup that pauses notebooks takes hours
test('environments go on when the time is over, and once only', async () => {
  const { still, standStill, state, endOfTime } = lab()
  const held = await standStill(alice, { signal, atMostMs: 1000 })
  endOfTime()
  expect(state()).toBe('running')
  await held[Symbol.asyncDispose]()
  expect(still.has(alice)).toBe(false)
})

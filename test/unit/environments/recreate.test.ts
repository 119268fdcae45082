import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { unknownRuntime } from '../../../src/domain/environment/status.ts'
import { proofOf } from '../../../src/domain/proof/proof.ts'
import { createRecreate } from '../../../src/environments/recreate.ts'
import type { EnvironmentChange } from '../../../src/ports/environment-store.ts'
import { callerNamed } from '../../support/caller.ts'

const caller = callerNamed('a@lab')

/** One person's environments; `calls` are the proofs and the looks at containers, `rest` ends the rest after a look. */
function createScene() {
  const environment = { userId: caller.userId, desired: 'running', lastActivityAt: 1, idleAction: null } as Environment
  const found = { environment, runtime: unknownRuntime, status: 'running' } as const
  const changes: EnvironmentChange[] = []
  const calls: string[] = []
  const rests: (() => void)[] = []
  const recreate = createRecreate({
    find: { one: async () => found, page: async () => ({ items: [], next: null }) },
    store: {
      async change(_id, each) {
        changes.push(each)
        return environment
      },
    },
    engine: {
      async inspect(id) {
        calls.push(`inspect ${id}`)
        return null
      },
    },
    async prove() {
      calls.push('prove')
      return proofOf([], 0)
    },
    asOfNow: async (asker) => asker,
    redirect: () => {},
    clock: {
      now: () => 7,
      steady: () => 7,
      after(_ms, call) {
        rests.push(call)
        return () => {}
      },
    },
  })
  return { recreate, changes, calls, rest: () => rests.shift()?.() }
}

// Trouble (desired): a recreation crosses a pause for idleness
test('a recreation counts as activity, so that an idle pause that was decided just before does not happen', async () => {
  const scene = createScene()
  await scene.recreate(caller, 'e1')
  // An idle action applies only if the last activity is still the one that the service read.
  expect(scene.changes).toMatchObject([{ lastActivityAt: 7, idleAction: null }])
})

// Trouble (cost): one person's many requests to recreate make a proof and a call of the engine each
test('many requests at once to recreate an environment share one look, and the next look of its owner waits', async () => {
  const scene = createScene()
  const e1 = Array.from({ length: 50 }, () => scene.recreate(caller, 'e1'))
  const e2 = scene.recreate(caller, 'e2')
  await Promise.all(e1)
  expect(scene.changes).toHaveLength(50)
  expect(scene.calls).toEqual(['prove', 'inspect e1'])
  scene.rest()
  await e2
  expect(scene.calls).toEqual(['prove', 'inspect e1', 'prove', 'inspect e2'])
})

import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { unknownRuntime } from '../../../src/domain/environment/status.ts'
import { proofOf } from '../../../src/domain/proof/proof.ts'
import { createRecreate } from '../../../src/environments/recreate.ts'
import type { EnvironmentChange } from '../../../src/ports/environment-store.ts'
import { callerNamed } from '../../support/caller.ts'

// Trouble (desired): a recreation crosses a pause for idleness
test('a recreation counts as activity, so that an idle pause that was decided just before does not happen', async () => {
  const changes: EnvironmentChange[] = []
  const environment = { desired: 'running', lastActivityAt: 1, idleAction: null } as Environment
  const found = { environment, runtime: unknownRuntime, status: 'running' } as const
  const recreate = createRecreate({
    find: { one: async () => found, page: async () => ({ items: [], next: null }) },
    store: {
      async change(_id, each) {
        changes.push(each)
        return environment
      },
    },
    engine: { inspect: async () => null },
    prove: async () => proofOf([], 0),
    asOfNow: async (caller) => caller,
    redirect: () => {},
    clock: { now: () => 7 },
  })
  const caller = callerNamed('a@lab')
  await recreate(caller, 'e1')
  // An idle action applies only if the last activity is still the one that the service read.
  expect(changes).toMatchObject([{ lastActivityAt: 7, idleAction: null }])
})

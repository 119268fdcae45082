import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { pictureOf } from '../../../src/domain/environment/progress.ts'
import { type Runtime, unknownRuntime } from '../../../src/domain/environment/status.ts'
import type { Caller } from '../../../src/domain/people/account.ts'
import type { Find } from '../../../src/environments/find.ts'
import { createFollow } from '../../../src/environments/follow.ts'
import { createProgressLog } from '../../../src/reconcile/progress-log.ts'

// Trouble (worst): many clients follow one environment
test('each of a hundred followers of an environment looks at most twice for each change', async () => {
  const environment = { id: 'one', desired: 'running', failure: null, restartRequestedAt: null } as Environment
  let runtime: Runtime = { ...unknownRuntime, seen: { observation: { kind: 'absent' }, ready: false } }
  let looks = 0
  const find = {
    async one() {
      looks += 1
      await turn()
      return { environment, runtime, status: 'pending' }
    },
  } as unknown as Find
  const progress = createProgressLog({ steady: () => 0 })
  const closing = new AbortController()
  const followers = 100
  const told = Array.from({ length: followers }, () => 0)
  const follow = createFollow({ find, progress })
  const all = told.map(async (_, at) => {
    const options = { after: null, beyondSettled: true, signal: closing.signal }
    for await (const { event } of (await follow({} as Caller, 'one', options)) ?? []) {
      if (event.kind === 'phase') told[at] = (told[at] ?? 0) + 1
    }
  })
  await expect.poll(() => looks).toBeGreaterThanOrEqual(2 * followers)
  for (let times = 0; times < 10; times += 1) await turn()

  looks = 0
  runtime = { ...runtime, activity: 'creating' }
  progress.note('one', pictureOf(environment, runtime))
  await expect.poll(() => told).toEqual(told.map(() => 1))
  expect(looks).toBeLessThanOrEqual(2 * followers)
  closing.abort()
  await Promise.all(all)
})

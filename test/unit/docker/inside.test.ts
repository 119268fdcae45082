import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCall } from '../../../src/docker/calls.ts'
import type { Docker } from '../../../src/docker/dockerode.ts'
import { createInside } from '../../../src/docker/inside.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Looks into a container. Each look fails; if `endsAfterMs` is given, the engine then shows another run of it. */
async function lookInto({ endsAfterMs }: { endsAfterMs: number | null }) {
  let runs = 1
  const inspect = async () => ({ Id: 'one', State: { Pid: runs, StartedAt: `run ${runs}` } })
  const docker = { getContainer: () => ({ inspect }) } as unknown as Docker
  const lookThroughProcess = async () => {
    if (endsAfterMs !== null) setTimeout(() => (runs += 1), endsAfterMs)
    throw new Error('the look failed')
  }
  const seeInside = createInside(docker, createCall(1000), {
    lookThroughProcess,
    limitMs: 1000,
    oneAtATime: (_, work) => work(),
  })
  const sight = seeInside('one').catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  return sight
}

// Trouble (mounts): the engine is late to see that a container ended during a look
test('if a container ends in each look, the service leaves it out, though the engine sees each end late', async () => {
  expect(await lookInto({ endsAfterMs: 50 })).toEqual({ kind: 'ended' })
})

test('if each look fails while one run of the container goes on, the service throws the failure', async () => {
  expect(await lookInto({ endsAfterMs: null })).toEqual(new Error('the look failed'))
})

import { expect, test } from 'vitest'
import { type ContainerSpec, mountsOf } from '../../../src/domain/environment/container-spec.ts'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { createObserve } from '../../../src/reconcile/observe.ts'
import { newTrack } from '../../../src/reconcile/task.ts'
import { createFakeEngine } from '../../support/fake-engine.ts'

const owner = userId.parse('a@lab')
const store = { change: async () => null }
const lab = async () =>
  ({ rootId: 'r', hostDataPath: '/', cpus: 1, sharedMode: 'ro', notebookUid: 0, notebookGid: 0 }) as const

// Trouble (worst): thousands of containers have ended when a machine comes up
test('when all containers end at once, as in a reboot, the service asks the engine about only a few at a time', async () => {
  const engine = createFakeEngine({ images: ['i'], realPath: () => '/' })
  const ids = Array.from({ length: 100 }, (_, at) => `e${at}`)
  const mounts = mountsOf(owner, await lab())
  for (const id of ids) {
    const labels = { 'ai-lab.environment': id, 'ai-lab.root': 'r', 'ai-lab.user': owner }
    await engine.create({ name: id, image: 'i', labels, mounts, env: {} } as unknown as ContainerSpec)
    await engine.start(id)
    engine.exit(id, 255)
  }
  let [atOnce, most] = [0, 0]
  engine.wasStopped = async () => {
    atOnce += 1
    most = Math.max(most, atOnce)
    await new Promise(setImmediate)
    atOnce -= 1
    return false
  }
  const observe = createObserve({ engine, store, lab, clock: { steady: () => 0, sleep: async () => {} } })
  const environment = { userId: owner, desired: 'running', failure: null, upstream: null } as unknown as Environment
  const { signal } = new AbortController()
  const seen = await Promise.all(ids.map((id) => observe({ ...environment, id }, newTrack(), { signal })))
  expect(seen.map(({ stoppedByHand }) => stoppedByHand)).toEqual(ids.map(() => false))
  expect(most).toBeLessThanOrEqual(16)
})

/** The reconciler and its records: requests that reach them just before it writes, and a disk that is full for a moment. */
import { expect, test } from 'vitest'
import type { Environment } from '../../../src/domain/environment.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { proofOf } from '../../../src/domain/proof.ts'
import { userId } from '../../../src/domain/user-id.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { EnvironmentChange, EnvironmentStore } from '../../../src/ports/environment-store.ts'
import { createProgressLog } from '../../../src/reconcile/progress-log.ts'
import { createPulls } from '../../../src/reconcile/pulls.ts'
import { createReconciler } from '../../../src/reconcile/reconciler.ts'
import { createFakeEngine, type FakeEngineOptions } from '../../support/fake-engine.ts'

const id = 'ai-lab-jupyterlab-abc234'
const started: EnvironmentChange = { desired: 'running', failure: null, lastActivityAt: 7 }

function openWorld(options: FakeEngineOptions) {
  let record = newRecord
  const world = {
    engine: createFakeEngine({ ...options, addressOf: () => ({ host: '127.0.0.1', port: 9 }), realPath: () => '/' }),
    /** A request that is recorded before such a change, and told to the reconciler after it. */
    crossing: null as { before: (change: EnvironmentChange) => boolean } | null,
    isFull: false,
    record: () => record,
  }
  const store = {
    get: async () => record,
    async change(_id, change, { as } = {}) {
      if (world.isFull) throw new Problem('no-room', 'The disk is full.')
      const crosses = world.crossing?.before(change) === true
      if (crosses) {
        world.crossing = null
        record = { ...record, ...started }
        setImmediate(() => reconciler.redirect(id))
      }
      const isStill = !as || (as.desired === record.desired && as.lastActivityAt === record.lastActivityAt)
      if (isStill) record = { ...record, ...change }
      return isStill ? record : null
    },
    async claimHostPort() {
      if (world.isFull) throw new Problem('no-room', 'The disk is full.')
      return null
    },
  } as Pick<EnvironmentStore, 'get' | 'change' | 'claimHostPort'> as EnvironmentStore
  const { engine } = world
  const proven = proofOf([], 0)
  const reconciler = createReconciler({
    engine,
    store,
    dataRoot: { ensureUserFolder: async () => {}, requireUserFolder: async () => {} } as never,
    lab: async () => ({ rootId: 'r', hostDataPath: '/', cpus: 1, sharedMode: 'ro', notebookUid: 0, notebookGid: 0 }),
    proveWithin: async () => proven,
    isProven: () => true,
    pulls: createPulls({ engine, clock: systemClock }),
    probe: async () => 200,
    clock: systemClock,
    startsAtOnce: 1,
    log: { step: () => {}, failed: () => {}, waits: () => {}, broken: (_, error) => expect.fail(String(error)) },
    measure: () => () => {},
    progress: createProgressLog(systemClock),
  })
  return { ...world, world, reconciler }
}

const newRecord = {
  id,
  userId: userId.parse('a@lab'),
  name: id,
  template: 'jupyterlab',
  launch: {
    ...{ type: 'jupyter', image: 'i', command: [], environment: {}, port: 1, openPath: '/', readyPath: '/' },
    readyWithinMs: 1_000,
  },
  resources: { memoryBytes: 1, cpuCores: 1, gpus: 0, pids: 1 },
  token: 't',
  ...{ hostPort: null, desired: 'running', restartRequestedAt: null, replaceContainer: null, failure: null },
  ...{ lastActivityAt: null, idleAction: null, createdAt: 0 },
} as Environment

test('a start that crosses the record of a failure is carried out', async () => {
  const { world, engine, reconciler } = openWorld({ images: [] })
  world.crossing = {
    before({ failure }) {
      engine.images.add('i')
      return failure !== undefined && failure !== null
    },
  }
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(world.record()).toMatchObject({ desired: 'running', failure: null })
})

test('a start that crosses the record of a stop by hand is carried out', async () => {
  const { world, engine, reconciler } = openWorld({ images: ['i'] })
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  world.crossing = { before: ({ desired }) => desired === 'stopped' }
  await engine.stop(id, 0)
  reconciler.wake(id)
  await expect.poll(() => engine.calls.filter(({ name }) => name === 'start').length, { timeout: 3_000 }).toBe(2)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(world.record()).toMatchObject({ desired: 'running', failure: null })
})

test('a disk that is full for a moment fails no environment: its port is recorded, and it is made, once there is room', async () => {
  const { world, engine, reconciler } = openWorld({ images: ['i'] })
  world.isFull = true
  reconciler.begin(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toBe('The disk is full.')
  world.isFull = false
  reconciler.wake(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(engine.calls.filter(({ name }) => name === 'create')).toHaveLength(1)
})

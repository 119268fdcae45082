/** The reconciler, with requests that arrive just before it writes a record, and with records that cannot be written for a moment. */
import { expect, test } from 'vitest'
import { createAccountStore } from '../../../src/database/account-store.ts'
import { createEnvironmentStore } from '../../../src/database/environment-store.ts'
import { openSqlite } from '../../../src/database/open.ts'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { proofOf } from '../../../src/domain/proof/proof.ts'
import { lastStartOf } from '../../../src/environments/change.ts'
import { systemClock } from '../../../src/lib/system-clock.ts'
import type { EnvironmentChange, EnvironmentStore } from '../../../src/ports/environment-store.ts'
import { createProgressLog } from '../../../src/reconcile/progress-log.ts'
import { createPulls } from '../../../src/reconcile/pulls.ts'
import { createReconciler } from '../../../src/reconcile/reconciler.ts'
import { createFakeEngine, type FakeEngineOptions } from '../../support/fake-engine.ts'

const id = 'ai-lab-jupyterlab-abc234'
const owner = userId.parse('a@lab')
const started: EnvironmentChange = { desired: 'running', failure: null, lastActivityAt: 7 }

async function openWorld(options: FakeEngineOptions) {
  const database = await openSqlite(':memory:')
  const records = createEnvironmentStore(database)
  await createAccountStore(database).addAccount({
    id: owner,
    role: 'user',
    tier: 'default',
    disabled: false,
    createdAt: 0,
  })
  await records.insert(newRecord, { claim: null, atMost: 1 })
  const world = {
    engine: createFakeEngine({ ...options, addressOf: () => ({ host: '127.0.0.1', port: 9 }), realPath: () => '/' }),
    /** A start that is recorded just before a matching change, and announced to the reconciler after it. */
    crossing: null as { before: (change: EnvironmentChange) => boolean } | null,
    /** Runs before each write of a record: throw in it to refuse one. */
    beforeWrite: (_change: EnvironmentChange) => {},
    standsStill: false,
    record: () => records.get(id),
    change: (change: EnvironmentChange) => records.change(id, change),
    failures: [] as string[],
  }
  const store: EnvironmentStore = {
    ...records,
    async change(id, change, options) {
      world.beforeWrite(change)
      if (world.crossing?.before(change)) {
        world.crossing = null
        await records.change(id, started)
        setImmediate(() => reconciler.redirect(id))
      }
      return records.change(id, change, options)
    },
    async claimHostPort(id, choose) {
      world.beforeWrite({ hostPort: null })
      return records.claimHostPort(id, choose)
    },
  }
  const { engine } = world
  const proven = proofOf([], 0)
  const reconciler = createReconciler({
    engine,
    store,
    folders: { ensureUserFolder: async () => {}, requireUserFolder: async () => {} } as never,
    lab: async () => ({ rootId: 'r', hostDataPath: '/', cpus: 1, sharedMode: 'ro', notebookUid: 0, notebookGid: 0 }),
    proveWithin: async () => proven,
    isProven: () => true,
    standsStill: () => world.standsStill,
    pulls: createPulls({ engine, clock: systemClock }),
    probe: async () => 200,
    clock: systemClock,
    startsAtOnce: 1,
    log: {
      step: () => {},
      failed: (_, { code }) => world.failures.push(code),
      outOfMemory: () => {},
      waits: () => {},
      broken: (_, error) => expect.fail(String(error)),
    },
    memoryLimit: async () => ({ bytes: 2 ** 30, tier: null }),
    measure: () => () => {},
    progress: createProgressLog(systemClock),
  })
  return {
    ...world,
    world,
    reconciler,
    async [Symbol.asyncDispose]() {
      await reconciler[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const full = new Problem('no-room', 'The disk is full.')
const busy = new Problem('database-busy', 'Another program writes to the database.')

function refuse(reason: Problem): () => void {
  return () => {
    throw reason
  }
}

const newRecord = {
  id,
  userId: owner,
  name: id,
  template: 'jupyterlab',
  launch: {
    ...{ type: 'jupyter', image: 'i', command: [], environment: {}, port: 1, openPath: '/', readyPath: '/' },
    readyWithinMs: 1_000,
  },
  resources: { memoryBytes: 1, cpuCores: 1, gpus: 0, pids: 1 },
  token: 't',
  ...{
    hostPort: null,
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    madeFrom: 'latest',
    safe: false,
    failure: null,
  },
  ...{ lastActivityAt: null, idleAction: null, upstream: null, outOfMemoryAt: null, createdAt: 0 },
} as Environment

// Trouble (desired): a start crosses a record that the service writes
test('a start that crosses the record of a failure happens', async () => {
  await using lab = await openWorld({ images: [] })
  const { world, engine, reconciler } = lab
  world.crossing = {
    before({ failure }) {
      engine.images.add('i')
      return failure !== undefined && failure !== null
    },
  }
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(await world.record()).toMatchObject({ desired: 'running', failure: null })
  expect(world.failures).toEqual([])
})

// Trouble (desired): a start crosses a record that the service writes
test('a start that crosses the record of a stop by hand happens', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  world.crossing = { before: ({ desired }) => desired === 'stopped' }
  await engine.stop(id, 0)
  reconciler.wake(id)
  await expect.poll(() => engine.calls.filter(({ name }) => name === 'start').length, { timeout: 3_000 }).toBe(2)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(await world.record()).toMatchObject({ desired: 'running', failure: null })
})

// Trouble (desired): there is no room to record the work of a pass
test('a disk that is full for a moment fails no environment: it is created once there is room', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  world.beforeWrite = refuse(full)
  reconciler.begin(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toBe('The disk is full.')
  world.beforeWrite = () => {}
  reconciler.wake(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(engine.calls.filter(({ name }) => name === 'create')).toHaveLength(1)
})

// Trouble (desired): another program holds the database while an environment becomes ready
test('a database that is busy for a moment fails no environment: it runs once its record can be written', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  world.beforeWrite = ({ upstream }) => {
    if (upstream) throw busy
  }
  reconciler.begin(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toBe(busy.detail)
  world.beforeWrite = () => {}
  await reconciler.sweep()
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(await world.record()).toMatchObject({ failure: null, upstream: { port: 9 } })
  expect(engine.calls.filter(({ name }) => name === 'start')).toHaveLength(1)
})

// Trouble (desired): another program holds the database while the service records a failure
test.each([full, busy])(
  'a failure that cannot be recorded ($code) is recorded later, and is no fault of the service',
  async (reason) => {
    await using lab = await openWorld({ images: [] })
    const { world, reconciler } = lab
    world.beforeWrite = refuse(reason)
    reconciler.begin(id)
    await expect.poll(() => reconciler.runtime(id).note?.detail).toBe(reason.detail)
    world.beforeWrite = () => {}
    await reconciler.sweep()
    await expect.poll(() => world.failures).toEqual(['image-unavailable'])
  },
)

// Trouble (desired): another program holds the database while memory runs out in an environment
test('an environment in which memory runs out while the database is busy runs on', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  const looks = () => engine.calls.filter(({ name }) => name === 'inspect').length
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  world.beforeWrite = ({ outOfMemoryAt }) => {
    if (!outOfMemoryAt) return
    void reconciler.change(id, { signal: AbortSignal.timeout(5_000) }).then(tell)
    throw busy
  }
  const at = systemClock.now() + 60_000
  reconciler.ranOutOfMemory(id, at)
  await told
  expect(reconciler.runtime(id)).toMatchObject({ note: null, outOfMemory: { at } })
  const before = looks()
  reconciler.wake(id)
  await expect.poll(looks).toBeGreaterThan(before)
  expect(world.failures).toEqual([])
})

// Trouble (desired): the engine's own disk is full
test('an environment for which the engine has no room waits, and is started once there is room', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  engine.beforeCall = ({ name }) => {
    if (name === 'start') throw new Problem('no-room', 'There is no room on the disk of the engine.')
  }
  reconciler.begin(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toContain('no room on the disk of the engine')
  engine.beforeCall = () => {}
  await reconciler.sweep()
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(world.failures).toEqual([])
})

// Trouble (desired): the engine's own disk is full
test('the pull of an image that found no room waits ten minutes, or until somebody asks for it', async () => {
  await using lab = await openWorld({ images: [], registry: ['i'] })
  const { engine, reconciler } = lab
  const pulls = () => engine.calls.filter(({ name }) => name === 'pull').length
  engine.beforeCall = ({ name }) => {
    if (name === 'pull') throw new Problem('no-room', 'There is no room for the image.')
  }
  reconciler.begin(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toContain('no room for the image')
  await reconciler.sweep()
  await reconciler.sweep()
  expect(pulls()).toBe(1)
  reconciler.redirect(id)
  await expect.poll(pulls).toBe(2)

  // Once somebody has asked, and the pull has found room, sweeps try the rest again.
  engine.beforeCall = ({ name }) => {
    if (name === 'start') throw new Problem('no-room', 'There is no room for the start.')
  }
  reconciler.redirect(id)
  await expect.poll(() => reconciler.runtime(id).note?.detail).toContain('no room for the start')
  engine.beforeCall = () => {}
  await reconciler.sweep()
  await expect.poll(() => reconciler.census().running).toBe(1)
})

// Trouble (desired): there is no room to record during a stop
// Trouble (desired): another program holds the database during a stop
test.each([full, busy])(
  'the reconciler stops an environment although it cannot record that ($code)',
  async (reason) => {
    await using lab = await openWorld({ images: ['i'] })
    const { world, engine, reconciler } = lab
    reconciler.begin(id)
    await expect.poll(() => reconciler.census().running).toBe(1)
    await world.change({ desired: 'stopped' })
    world.beforeWrite = refuse(reason)
    reconciler.redirect(id)
    await expect.poll(async () => (await engine.inspect(id))?.state).toBe('exited')
  },
)

// Trouble (files): the engine refuses the pause that a backup asks for
test('an environment that the engine does not pause for a backup runs on', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { world, engine, reconciler } = lab
  const pauses = () => engine.calls.filter(({ name }) => name === 'pause').length
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  engine.beforeCall = ({ name }) => {
    if (name === 'pause') throw new Problem('engine-refused', 'Could not pause it: its memory runs out.')
  }
  world.standsStill = true
  reconciler.wake(id)
  await expect.poll(pauses).toBeGreaterThan(1) // a failed environment would not be tried again
  world.standsStill = false
  reconciler.wake(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  expect(world.failures).toEqual([])

  await world.change({ desired: 'paused' })
  reconciler.redirect(id)
  await expect.poll(() => world.failures).toEqual(['engine-refused'])
})

test('once the engine is asked for a start, a request no longer sees the end before it', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { engine, reconciler } = lab
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  const known: unknown[] = []
  engine.beforeCall = ({ name }) => {
    if (name === 'start') known.push(lastStartOf(reconciler.runtime(id).seen))
  }
  engine.exit(id, 1)
  reconciler.wake(id)
  await expect.poll(() => known, { timeout: 3_000 }).toEqual([{ startedAt: null, ended: false }])
})

// Trouble (desired): the engine's clock is set back
test('memory that runs out after the clock of the engine was set back is reported', async () => {
  await using lab = await openWorld({ images: ['i'] })
  const { reconciler } = lab
  reconciler.begin(id)
  await expect.poll(() => reconciler.census().running).toBe(1)
  const now = systemClock.now()
  for (const at of [now + 3_600_000, now + 60_000]) {
    reconciler.ranOutOfMemory(id, at)
    await expect.poll(() => reconciler.runtime(id).outOfMemory?.at).toBe(at)
  }
})

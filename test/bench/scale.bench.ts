// The cost of 1,000 and of 10,000 environments on a simulated engine: a sweep, a page, memory, and one event.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccountStore } from '../../src/database/account-store.ts'
import { createEnvironmentStore } from '../../src/database/environment-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { containerSpec, type LabSettings } from '../../src/domain/environment/container-spec.ts'
import type { Environment } from '../../src/domain/environment/environment.ts'
import { userId } from '../../src/domain/people/user-id.ts'
import { createFind, type Find } from '../../src/environments/find.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createProgressLog } from '../../src/reconcile/progress-log.ts'
import { createPulls } from '../../src/reconcile/pulls.ts'
import { createReconciler, type Reconciler } from '../../src/reconcile/reconciler.ts'
import { callerNamed } from '../support/caller.ts'
import { collectGarbage } from '../support/collect-garbage.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { median, quantile } from './support/statistics.ts'
import { timed, until } from './support/until.ts'

const sweeps = 15
const events = 500
const owner = userId.parse('bench@lab')
const admin = callerNamed(owner, { role: 'admin' })
const lab: LabSettings = {
  rootId: 'root',
  hostDataPath: tmpdir(),
  sharedMode: 'ro',
  notebookUid: 1000,
  notebookGid: 100,
  cpus: 2,
}

await runBench('Many environments, on an engine in memory', async (signal) => {
  await using stack = new AsyncDisposableStack()
  const [small, large] = [await openLab(1_000, stack), await openLab(10_000, stack)]
  signal.throwIfAborted()
  const ofEvents = await inTurns(events, small, large)
  printFigures([
    ...(await figuresOf(small, ofEvents.small)),
    ...(await figuresOf(large, ofEvents.large)),
    {
      name: 'one event with 10,000, against one with 1,000',
      value: median(ofEvents.large) / median(ofEvents.small),
      write: write.ratio,
      remark: 'in turns',
      target: { atMost: 1.25 },
    },
  ])
})

type Lab = { ids: string[]; find: Find; reconciler: Reconciler; heapBytes: number }

/** Opens a lab with so many running environments, after a look at all of them. */
async function openLab(size: number, stack: AsyncDisposableStack): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const database = stack.use(await openSqlite(join(folder, 'ai-lab.db')))
  await createAccountStore(database).addAccount({
    id: owner,
    role: 'admin',
    tier: 'default',
    disabled: false,
    createdAt: 1,
  })
  const store = createEnvironmentStore(database)
  const engine = createFakeEngine({ images: ['bench:1'], realPath: () => folder })
  const ids = await fill(size, store, engine)

  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const reconciler = stack.use(reconcilerOn(store, engine))
  await reconciler.sweep()
  const runs = (id: string) => reconciler.runtime(id).seen?.ready === true
  await until('all are seen to run', async () => ids.every(runs), { everyMs: 50, limitMs: 300_000 })
  collectGarbage()
  const heapBytes = process.memoryUsage().heapUsed - before
  return { ids, find: createFind({ store, runtime: reconciler.runtime }), reconciler, heapBytes }
}

/** The time of an event in either lab. The labs take turns, so that neither has the quieter machine. */
async function inTurns(rounds: number, small: Lab, large: Lab): Promise<{ small: number[]; large: number[] }> {
  const taken = { small: [] as number[], large: [] as number[] }
  const take = async ({ ids, reconciler }: Lab, round: number) =>
    (await timed(() => oneEvent(reconciler, ids[(round * 7) % ids.length] ?? ''))).ms
  for (let round = 0; round < rounds; round += 1) {
    taken.small.push(await take(small, round))
    taken.large.push(await take(large, round))
  }
  return taken
}

async function figuresOf({ ids, find, reconciler, heapBytes }: Lab, eventMs: number[]): Promise<Figure[]> {
  const sweepMs = await times(sweeps, () => reconciler.sweep())
  const pageMs = await times(200, () => find.page(admin, {}, { after: null, limit: 50 }))
  const name = ids.length.toLocaleString('en')
  const row = (what: string, values: number[]): Figure => ({
    name: `${what}, ${name} environments`,
    value: median(values),
    write: write.ms,
    remark: `p99 ${write.ms(quantile(values, 0.99))} of ${values.length}`,
  })
  return [
    row('a full sweep', sweepMs),
    row('a page of 50', pageMs),
    row('one event: looked at anew', eventMs),
    {
      name: `memory of what is known of one, ${name} environments`,
      value: heapBytes / ids.length / 1024,
      write: (value) => `${value.toFixed(2)} KiB`,
    },
  ]
}

/** Gives a hint, and waits for the end of the pass that it causes. */
async function oneEvent(reconciler: Reconciler, id: string): Promise<void> {
  const changed = reconciler.change(id, { signal: AbortSignal.timeout(10_000) })
  reconciler.wake(id)
  await changed
}

function reconcilerOn(store: ReturnType<typeof createEnvironmentStore>, engine: ReturnType<typeof createFakeEngine>) {
  const proof = { status: 'proven', findings: [], checkedAt: 0 } as const
  return createReconciler({
    engine,
    store,
    folders: { ensureUserFolder: async () => {}, requireUserFolder: async () => {} },
    lab: async () => lab,
    proveWithin: async () => ({ ...proof, findings: [] }),
    isProven: () => true,
    standsStill: () => false,
    progress: createProgressLog(systemClock),
    pulls: createPulls({ engine, clock: systemClock }),
    probe: async () => 200,
    clock: systemClock,
    startsAtOnce: 4,
    measure: createMetrics({ version: 'bench' }).environments.phase,
    log: {
      step: () => {},
      failed: () => {},
      outOfMemory: () => {},
      waits: () => {},
      broken: (_, error) => console.error(error),
    },
    memoryLimit: async ({ resources }) => ({ bytes: resources.memoryBytes, tier: null }),
  })
}

async function fill(
  size: number,
  store: ReturnType<typeof createEnvironmentStore>,
  engine: ReturnType<typeof createFakeEngine>,
): Promise<string[]> {
  // Else the service would make each container anew, from the image that the name stands for.
  const image = await engine.findImage('bench:1')
  if (!image) throw new Error('The engine in memory has no image bench:1.')
  const ids: string[] = []
  for (let at = 0; at < size; at += 1) {
    const environment = environmentNumber(at, { id: image.id, digest: null })
    ids.push(environment.id)
    await store.insert(environment, { claim: null, atMost: size })
    await engine.create(containerSpec(environment, lab))
    await engine.start(environment.id)
  }
  return ids
}

function environmentNumber(at: number, madeFrom: Environment['madeFrom']): Environment {
  const id = `ai-lab-bench-${String(at).padStart(6, '0')}`
  return {
    id,
    userId: owner,
    name: id,
    template: 'bench',
    launch: {
      type: 'jupyter',
      image: 'bench:1',
      command: [],
      environment: {},
      port: 8888,
      openPath: `/env/${id}/lab`,
      readyPath: `/env/${id}/api`,
      readyWithinMs: 60_000,
    },
    resources: { memoryBytes: 2 ** 30, cpuCores: 1, gpus: 0, pids: 100 },
    token: `secret-of-${id}`,
    hostPort: null,
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    madeFrom,
    safe: false,
    failure: null,
    createdAt: at,
    lastActivityAt: null,
    idleAction: null,
    upstream: null,
    outOfMemoryAt: null,
  }
}

async function times(count: number, work: (round: number) => Promise<unknown>): Promise<number[]> {
  const values: number[] = []
  for (let round = 0; round < count; round += 1) values.push((await timed(() => work(round))).ms)
  return values
}

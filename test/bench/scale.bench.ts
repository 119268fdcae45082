// What a thousand, and ten thousand, environments cost on a simulated engine: a sweep, a page, memory, and one event.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccountStore } from '../../src/database/account-store.ts'
import { createEnvironmentStore } from '../../src/database/environment-store.ts'
import { openSqlite } from '../../src/database/open.ts'
import { containerSpec, type LabSettings } from '../../src/domain/container-spec.ts'
import type { Environment } from '../../src/domain/environment.ts'
import { userId } from '../../src/domain/user-id.ts'
import { createFind } from '../../src/environments/find.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createProgressLog } from '../../src/reconcile/progress-log.ts'
import { createPulls } from '../../src/reconcile/pulls.ts'
import { createReconciler, type Reconciler } from '../../src/reconcile/reconciler.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { runBench } from './support/run-bench.ts'
import { median, quantile } from './support/statistics.ts'
import { timed, until } from './support/until.ts'

const sizes = [1_000, 10_000]
const sweeps = 15
const events = 500
const owner = userId.parse('bench@lab')
const admin = { userId: owner, role: 'admin', tier: 'default' } as const
const lab: LabSettings = {
  rootId: 'root',
  hostDataPath: tmpdir(),
  sharedMode: 'ro',
  notebookUid: 1000,
  notebookGid: 100,
  cpus: 2,
}

await runBench('Many environments, on an engine in memory', async (signal) => {
  const measured = new Map<number, { event: number }>()
  const figures: Figure[] = []
  for (const size of sizes) {
    signal.throwIfAborted()
    const { event, rows } = await measure(size)
    measured.set(size, { event })
    figures.push(...rows)
  }
  const [small = Number.NaN, large = Number.NaN] = sizes.map((size) => measured.get(size)?.event ?? Number.NaN)
  figures.push({
    name: 'one event with 10,000, against one with 1,000',
    value: large / small,
    write: write.ratio,
    target: { atMost: 1.25 },
  })
  printFigures(figures)
})

async function measure(size: number): Promise<{ event: number; rows: Figure[] }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { db } = stack.use(await openSqlite(join(folder, 'ai-lab.db')))
  await createAccountStore(db).addAccount({ id: owner, role: 'admin', tier: 'default', createdAt: 1 })
  const store = createEnvironmentStore(db)
  const engine = createFakeEngine({ images: ['bench:1'], realPath: () => folder })
  const ids = await fill(size, store, engine)

  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const reconciler = stack.use(reconcilerOn(store, engine))
  await reconciler.sweep()
  const runs = (id: string) => reconciler.runtime(id).seen?.ready === true
  await until('all are seen to run', async () => ids.every(runs), { everyMs: 50, limitMs: 300_000 })
  globalThis.gc?.()
  const heap = process.memoryUsage().heapUsed - before

  const find = createFind({ store, runtime: reconciler.runtime })
  const sweepMs = await times(sweeps, () => reconciler.sweep())
  const pageMs = await times(200, () => find.page(admin, {}, { after: null, limit: 50 }))
  const eventMs = await times(events, (round) => oneEvent(reconciler, ids[(round * 7) % size] ?? ''))
  const name = size.toLocaleString('en')
  const row = (what: string, values: number[]): Figure => ({
    name: `${what}, ${name} environments`,
    value: median(values),
    write: write.ms,
    remark: `p99 ${write.ms(quantile(values, 0.99))} of ${values.length}`,
  })
  return {
    event: median(eventMs),
    rows: [
      row('a full sweep', sweepMs),
      row('a page of 50', pageMs),
      row('one event: looked at anew', eventMs),
      {
        name: `memory of what is known of one, ${name} environments`,
        value: heap / size / 1024,
        write: (value) => `${value.toFixed(2)} KiB`,
      },
    ],
  }
}

/** A hint, and the pass that it brings, to its end. */
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
    dataRoot: {
      path: lab.hostDataPath,
      rootId: lab.rootId,
      touchMarker: async () => ({ kind: 'missing' }),
      state: async () => 'same',
      folderIds: async () => ({ shared: null, data: null }),
      ensureUserFolder: async () => {},
      requireUserFolder: async () => {},
    },
    lab: async () => lab,
    proveWithin: async () => ({ ...proof, findings: [] }),
    isProven: () => true,
    progress: createProgressLog(systemClock),
    pulls: createPulls({ engine, clock: systemClock }),
    probe: async () => 200,
    clock: systemClock,
    startsAtOnce: 4,
    measure: createMetrics({ version: 'bench' }).environments.phase,
    log: { step: () => {}, failed: () => {}, waits: () => {}, broken: (_, error) => console.error(error) },
  })
}

async function fill(
  size: number,
  store: ReturnType<typeof createEnvironmentStore>,
  engine: ReturnType<typeof createFakeEngine>,
): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < size; at += 1) {
    const environment = environmentNumber(at)
    ids.push(environment.id)
    await store.insert(environment, { claim: null, atMost: size })
    await engine.create(containerSpec(environment, lab))
    await engine.start(environment.id)
  }
  return ids
}

function environmentNumber(at: number): Environment {
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
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    failure: null,
    createdAt: at,
    lastActivityAt: null,
    idleAction: null,
  }
}

async function times(count: number, work: (round: number) => Promise<unknown>): Promise<number[]> {
  const values: number[] = []
  for (let round = 0; round < count; round += 1) values.push((await timed(() => work(round))).ms)
  return values
}

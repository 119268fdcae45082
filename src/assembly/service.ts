/** The only assembly: what the service is made of, in the order in which it is opened and closed. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { Logger } from 'pino'
import { ensureFirstAdmin } from '../accounts/first-admin.ts'
import { createTokens } from '../accounts/tokens.ts'
import { createUsers } from '../accounts/users.ts'
import { createExaminer } from '../consistency/examine.ts'
import { createHealthMonitor } from '../consistency/health.ts'
import { keepExamining, keepWatch } from '../consistency/keep-watch.ts'
import { createProver } from '../consistency/prove.ts'
import { lookThroughProcess } from '../disk/file-id.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { startsAtOnce } from '../domain/environment/starts-at-once.ts'
import { idleLimitsOf, lookEveryMs } from '../domain/idle/idle-limits.ts'
import { probeName, witnessName } from '../domain/names.ts'
import { createChange } from '../environments/change.ts'
import { createEnvironments } from '../environments/create.ts'
import { createFind } from '../environments/find.ts'
import { createFollow } from '../environments/follow.ts'
import { createOrphans } from '../environments/orphans.ts'
import { createRecreate } from '../environments/recreate.ts'
import { createWatch } from '../environments/watch.ts'
import { keepGuard } from '../guard/keep-guard.ts'
import { hostNetwork } from '../host/host-network.ts'
import { createApp } from '../http/app.ts'
import type { App } from '../http/app-type.ts'
import { toScene } from '../http/schemas/environment.ts'
import { createIdleness } from '../idleness/idleness.ts'
import { keepIdleLimits } from '../idleness/keep-idle-limits.ts'
import { getText } from '../lib/get-text.ts'
import { httpStatus } from '../lib/http-status.ts'
import { systemClock } from '../lib/system-clock.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Engine } from '../ports/engine.ts'
import { keepUp } from '../reconcile/keep-up.ts'
import { createProgressLog } from '../reconcile/progress-log.ts'
import { createPulls } from '../reconcile/pulls.ts'
import { createReconciler } from '../reconcile/reconciler.ts'
import type { Config } from '../settings/config.ts'
import { loadCatalog } from '../settings/load-catalog.ts'
import { learnLab } from './learn-lab.ts'
import { createExaminationLog, guardLog, idlenessLog, logIdleWarning, logTurn, reconcilerLog } from './service-log.ts'
import { openState } from './state.ts'

const firstLookLimitMs = 500
const dropLimitMs = 2_000

export type Service = AsyncDisposable & {
  app: App
  dataRoot: { path: string }
  /** Whether it runs in a container, whose mounts are those of its start. */
  isInContainer: () => boolean
  /** Aborts when another data root was put in the place of this one: the service has to be opened anew. */
  replaced: AbortSignal
  /** Where the first administrator's token was written at the first start. */
  adminTokenFile: string
  /** Whether this start was the first, and wrote it. */
  madeAdmin: boolean
}

/**
 * Opens the data root and its database and assembles the service; its background work runs until it is disposed.
 * Environments go on running when it is.
 *
 * @throws DataRootNotThere when it can be opened later; Error with a sentence for the administrator
 */
export async function assembleService(
  config: Config,
  { logger, version, engine: given }: { logger: Logger; version: string; engine?: Engine },
): Promise<Service> {
  await using stack = new AsyncDisposableStack()
  const clock = systemClock
  const closing = new AbortController()
  const replaced = new AbortController()
  const onError = (error: unknown) => logger.error({ err: error }, 'background work failed')
  const catalog = await loadCatalog(config.catalogFile)
  const metrics = stack.use(createMetrics({ version }))
  const engine = metrics.engine(
    given ?? stack.use(createDockerEngine({ socket: config.dockerHost, readText, lookThroughProcess })),
  )

  const { dataRoot, ping, seal, ...stores } = stack.use(await openState(config, engine, clock))
  const store = metrics.store('environments', stores.store)
  const accounts = metrics.store('accounts', stores.accounts)
  const { path, rootId } = dataRoot

  const { lab, hostDataPath, ownSource } = learnLab(config, engine, dataRoot)
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath: hostDataPath.get,
    ownSource: ownSource.get,
    clock,
    onProof: (proof, turned) => {
      metrics.proven(proof)
      if (proof.findings.some(({ code }) => code === 'data-root-replaced')) replaced.abort()
      if (!turned) return
      logTurn(logger, proof)
      health.measure().catch(onError)
      examiner.examine().catch(() => {}) // an engine that is away is told of by the health check
      if (proof.status === 'proven') reconciler.sweep().catch(onError)
    },
  })
  const examiner = createExaminer({
    engine,
    records: store.every,
    dataRoot,
    lab,
    prove: prover.prove,
    clock,
    onExamined: createExaminationLog(logger),
  })
  const remember = async () => {
    const hostPath = await hostDataPath.get()
    await engine.keepWitness({ name: witnessName(rootId, hostPath), rootId, hostPath })
  }
  // Environments stay; the container that was made only to look at the data root does not.
  stack.defer(async () => {
    const hostPath = hostDataPath.known()
    if (hostPath === null) return
    const limit = { signal: AbortSignal.timeout(dropLimitMs) }
    await engine.dropProbe(probeName(rootId, hostPath), limit).catch(onError)
  })
  const progress = createProgressLog(clock)
  const reconciler = createReconciler({
    engine,
    store,
    dataRoot,
    lab,
    proveWithin: prover.proveWithin,
    isProven: () => prover.latest()?.status === 'proven',
    pulls: createPulls({ engine, clock }),
    probe: httpStatus,
    clock,
    startsAtOnce: config.startsAtOnce ?? startsAtOnce({ cores: availableParallelism(), memoryBytes: totalmem() }),
    log: reconcilerLog(logger, metrics.environments.failed),
    measure: metrics.environments.phase,
    progress,
  })
  stack.use(reconciler)
  const logWarning = logIdleWarning(logger)
  const idleness = createIdleness({
    store,
    runtime: reconciler.runtime,
    limitsOf: async ({ userId, template }) => {
      const tier = (await accounts.account(userId))?.tier ?? ''
      return idleLimitsOf({ template, tier }, catalog, config.idleLimits)
    },
    getText,
    redirect: reconciler.redirect,
    wake: reconciler.wake,
    notify: (id, warning) => {
      logWarning(id, warning)
      progress.notify(id, warning)
    },
    clock,
    log: idlenessLog(logger),
  })

  const tokens = createTokens({ accounts, clock })
  const users = createUsers({ accounts, catalog, clock })
  const adminTokenFile = `${path}/admin/first-admin-token`
  const madeAdmin = await ensureFirstAdmin({
    accounts,
    tier: Object.keys(catalog.tiers).at(-1) ?? 'default',
    clock,
    deliver: (secret) => writeWhole(adminTokenFile, `${secret}\n`, 0o600),
  })

  await seal()

  const health = createHealthMonitor({
    engine,
    pingDatabase: ping,
    prove: () => prover.proveWithin(config.proofIntervalMs),
    examined: examiner.latest,
    onEngine: (away) => (away === null ? reconciler.sweep().catch(onError) : reconciler.lost(away)),
    clock,
  })
  // The first answer should be a measured one, yet an engine that hangs must not keep the service from answering.
  const firstLook = Promise.race([health.measure(), clock.sleep(firstLookLimitMs)])
  metrics.show({ latestProof: prover.latest, latestExamination: examiner.latest, census: reconciler.census, clock })
  const find = createFind({ store, runtime: reconciler.runtime })
  const app = await createApp(
    {
      catalog,
      tokens,
      users,
      health,
      version,
      clock,
      find,
      create: createEnvironments({ catalog, store, accounts, prove: prover.prove, begin: reconciler.begin, clock }),
      change: createChange({ find, store, redirect: reconciler.redirect, clock }),
      recreate: createRecreate({ find, store, engine, prove: prover.prove, redirect: reconciler.redirect, clock }),
      follow: createFollow({ find, progress }),
      eventsFrom: clock.now().toString(36),
      watch: createWatch({ find, engine, change: reconciler.change }),
      orphans: createOrphans({
        engine,
        store,
        accounts,
        catalog,
        rootId,
        wake: reconciler.wake,
        clock,
      }),
      examiner,
      dataRoot: { rootId, path, hostPath: hostDataPath.known },
      latestProof: prover.latest,
      exposition: metrics.exposition,
      requests: metrics.requests,
      scene: () =>
        toScene(prover.latest(), {
          hostDataPath: hostDataPath.known(),
          sharedMode: config.sharedMode,
          proofOf: examiner.proofOf,
        }),
      closing: closing.signal,
      publicUrl: config.publicUrl,
    },
    { logger },
  )
  stack.defer(() => app.close())

  // The rules are those of this very machine.
  const mayGuard = !given && engine.sameMachine && process.getuid?.() === 0
  const background = Promise.all([
    keepUp({ engine, reconciler, clock, onError }, closing),
    keepWatch({ health, clock }, closing),
    keepIdleLimits({ idleness, everyMs: lookEveryMs(catalog, config.idleLimits), clock, onError }, closing),
    mayGuard &&
      keepGuard(
        { engine, hostNetwork, guard: { rootId, blocked: config.blockedNetworks }, log: guardLog(logger), clock },
        closing,
      ),
    firstLook.then(() =>
      keepExamining({ examiner, remember, everyMs: config.proofIntervalMs, clock, onError }, closing),
    ),
  ])
  stack.defer(async () => {
    closing.abort()
    await background
  })

  await firstLook
  const rest = stack.move()
  return {
    app,
    dataRoot,
    isInContainer: () => ownSource.known() !== null,
    replaced: replaced.signal,
    adminTokenFile,
    madeAdmin,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** The text of a file; null when there is none. */
async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}

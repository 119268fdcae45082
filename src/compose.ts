/** The only assembly: what the service is made of, in the order in which it is opened and closed. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Logger } from 'pino'
import { parseDocument } from 'yaml'
import { ensureFirstAdmin } from './accounts/first-admin.ts'
import { createTokens } from './accounts/tokens.ts'
import { createUsers } from './accounts/users.ts'
import { type Config, ConfigError } from './config.ts'
import { createHealthMonitor } from './consistency/health.ts'
import { keepWatch } from './consistency/keep-watch.ts'
import { createProver } from './consistency/prove.ts'
import { createAccountStore } from './database/account-store.ts'
import { createEnvironmentStore } from './database/environment-store.ts'
import { takeLock } from './database/lock.ts'
import { openSqlite } from './database/open.ts'
import { createDataRoot } from './disk/data-root.ts'
import { ensurePrivateFile } from './disk/files.ts'
import { openDataRoot } from './disk/open-data-root.ts'
import { writeWhole } from './disk/write-whole.ts'
import { createDockerEngine } from './docker/docker-engine.ts'
import { type Catalog, catalogSchema } from './domain/catalog.ts'
import type { LabSettings } from './domain/container-spec.ts'
import { probeName } from './domain/names.ts'
import { sentences } from './domain/plan.ts'
import type { Proof } from './domain/proof.ts'
import { createChange } from './environments/change.ts'
import { createEnvironments } from './environments/create.ts'
import { createFind } from './environments/find.ts'
import { createWatch } from './environments/watch.ts'
import { createApp } from './http/app.ts'
import type { App } from './http/app-type.ts'
import { toScene } from './http/schemas/environment.ts'
import { httpStatus } from './lib/http-status.ts'
import { randomUUID } from './lib/random.ts'
import { systemClock } from './lib/system-clock.ts'
import type { Engine } from './ports/engine.ts'
import { keepUp } from './reconcile/keep-up.ts'
import { createPulls } from './reconcile/pulls.ts'
import { createReconciler, type ReconcilerLog } from './reconcile/reconciler.ts'

const firstLookLimitMs = 500
const dropLimitMs = 2_000

export type Service = AsyncDisposable & {
  app: App
  dataRoot: { path: string }
  /** Where the first administrator's token was written at the first start. */
  adminTokenFile: string
  /** Whether this start was the first, and wrote it. */
  madeAdmin: boolean
}

/**
 * Opens the data root and its database and assembles the service; its background work runs until it is disposed.
 * Environments go on running when it is.
 *
 * @throws Error with a sentence for the administrator
 */
export async function composeService(
  config: Config,
  { logger, version, engine: given }: { logger: Logger; version: string; engine?: Engine },
): Promise<Service> {
  await using stack = new AsyncDisposableStack()
  const clock = systemClock
  const closing = new AbortController()
  const onError = (error: unknown) => logger.error({ err: error }, 'background work failed')
  const catalog = await loadCatalog(config.catalogFile)
  const engine = given ?? stack.use(createDockerEngine({ socket: config.dockerHost, readText }))

  const opened = await openDataRoot(config.dataDir, randomUUID(), config.owner)
  stack.use(takeLock(`${opened.path}/admin/backend.lock`))
  await ensurePrivateFile(`${opened.path}/admin/ai-lab.db`)
  const database = stack.use(await openSqlite(`${opened.path}/admin/ai-lab.db`))
  const store = createEnvironmentStore(database.db)
  const accounts = createAccountStore(database.db)
  const dataRoot = createDataRoot({
    ...opened,
    notebook: config.notebook,
    mayGiveAway: config.owner !== null,
    now: clock.now,
  })

  const hostDataPath = onceKnown(
    async () => config.hostDataPath ?? (await engine.ownMountSource(opened.path)) ?? opened.path,
  )
  const cpus = onceKnown(() => engine.cpus())
  const lab = async (): Promise<LabSettings> => ({
    rootId: opened.rootId,
    hostDataPath: await hostDataPath.get(),
    cpus: await cpus.get(),
    sharedMode: config.sharedMode,
    notebookUid: config.notebook.uid,
    notebookGid: config.notebook.gid,
  })
  const prover = createProver({
    engine,
    dataRoot,
    hostDataPath: hostDataPath.get,
    clock,
    onTurn: (proof) => {
      logTurn(logger, proof)
      if (proof.status === 'proven') reconciler.sweep().catch(onError)
    },
  })
  // Environments stay; the container that was made only to look at the data root does not.
  stack.defer(async () => {
    const hostPath = hostDataPath.known()
    if (hostPath === null) return
    const limit = { signal: AbortSignal.timeout(dropLimitMs) }
    await engine.dropProbe(probeName(opened.rootId, hostPath), limit).catch(onError)
  })
  const reconciler = createReconciler({
    engine,
    store,
    dataRoot,
    lab,
    proveWithin: prover.proveWithin,
    isProven: () => prover.latest()?.status === 'proven',
    pulls: createPulls(engine),
    probe: httpStatus,
    clock,
    startsAtOnce: 2 * availableParallelism(),
    log: reconcilerLog(logger),
  })
  stack.use(reconciler)

  const tokens = createTokens({ accounts, clock })
  const users = createUsers({ accounts, catalog, clock })
  const adminTokenFile = `${opened.path}/admin/first-admin-token`
  const madeAdmin = await ensureFirstAdmin({
    accounts,
    tier: Object.keys(catalog.tiers).at(-1) ?? 'default',
    clock,
    deliver: (secret) => writeWhole(adminTokenFile, `${secret}\n`, 0o600),
  })

  await opened.seal()

  const health = createHealthMonitor({
    engine,
    pingDatabase: database.ping,
    prove: () => prover.proveWithin(config.proofIntervalMs),
    clock,
  })
  // The first answer should be a measured one, yet an engine that hangs must not keep the service from answering.
  const firstLook = Promise.race([health.measure(), clock.sleep(firstLookLimitMs)])
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
      watch: createWatch({ find, engine, change: reconciler.change }),
      scene: () => toScene(prover.latest(), { hostDataPath: hostDataPath.known(), sharedMode: config.sharedMode }),
      closing: closing.signal,
      publicUrl: config.publicUrl,
    },
    { logger },
  )
  stack.defer(() => app.close())

  const background = Promise.all([
    keepUp({ engine, reconciler, clock, onError }, closing),
    keepWatch({ health, clock }, closing),
  ])
  stack.defer(async () => {
    closing.abort()
    await background
  })

  await firstLook
  const rest = stack.move()
  return {
    app,
    dataRoot: opened,
    adminTokenFile,
    madeAdmin,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** The text of a file; null when there is none. */
async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}

async function loadCatalog(file: string): Promise<Catalog> {
  const wrong = (reason: string, cause?: unknown) => new ConfigError(`CATALOG_FILE: ${file} ${reason}`, { cause })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong('cannot be read', error)
  })
  const document = parseDocument(text)
  const [syntax] = document.errors
  if (syntax) throw wrong(`is not YAML: ${syntax.message}`)
  const result = catalogSchema.safeParse(document.toJS())
  if (result.success) return result.data
  throw wrong(
    `is not a catalogue:\n${result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`).join('\n')}`,
  )
}

/** Asks once, and again only after a failure. */
function onceKnown<T>(ask: () => Promise<T>): { get: () => Promise<T>; known: () => T | null } {
  let known: T | null = null
  return {
    known: () => known,
    async get() {
      known ??= await ask()
      return known
    },
  }
}

function logTurn(logger: Logger, proof: Proof): void {
  if (proof.status === 'proven') logger.info('the data root is proven: the engine sees the same files')
  else logger.error({ findings: proof.findings }, 'the data root is not proven: nothing is created or started')
}

function reconcilerLog(logger: Logger): ReconcilerLog {
  return {
    step: (environment, step) => logger.info({ environment }, sentences[step.kind]),
    failed: (environment, failure) => logger.warn({ environment, failure }, 'the environment failed'),
    waits: (environment, { code, adminDetail }) => logger.warn({ environment, code }, `it waits: ${adminDetail}`),
    broken: (environment, error) => logger.error({ environment, err: error }, 'a pass broke off; it is tried again'),
  }
}

/** The base of every capability: the settings, the engine, the data root with its records, the clock and the log. */
import type { Logger } from 'pino'
import { lookThroughProcess } from '../disk/file-id.ts'
import type { ProgramArchive } from '../disk/program-archive.ts'
import { readText } from '../disk/read-text.ts'
import { site } from '../disk/site.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import type { Catalog } from '../domain/environment/catalog.ts'
import { createPlaces, type TakePlace } from '../http/places.ts'
import { systemClock } from '../lib/system-clock.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { Config } from '../settings/config.ts'
import { loadCatalog } from '../settings/load-catalog.ts'
import { learnLab } from './learn-lab.ts'
import { openState, type State } from './state.ts'

/** `engine` takes the place of Docker, and `restic` of the program of this machine, for tests. */
export type Given = { logger: Logger; version: string; engine?: Engine; restic?: ProgramArchive | null }

export type Base = Omit<State, typeof Symbol.asyncDispose> &
  ReturnType<typeof learnLab> & {
    config: Config
    catalog: Catalog
    logger: Logger
    version: string
    clock: Clock
    engine: Engine
    /** Whether the engine really runs containers; the engine of a test does not. */
    isRealEngine: boolean
    /** The program that makes backups; null: that of this machine. */
    restic: ProgramArchive | null
    metrics: Metrics
    takePlace: TakePlace
    /** Aborts when the service shuts down. */
    closing: AbortSignal
    onError: (error: unknown) => void
    /** Holds what the parts open, and closes it in the reverse order. */
    stack: AsyncDisposableStack
  }

/** @throws DataRootNotThere when it can be opened later; Error with a sentence for the administrator */
export async function openBase(
  config: Config,
  { logger, version, engine: given, restic = null }: Given,
  { closing, stack }: Pick<Base, 'closing' | 'stack'>,
): Promise<Base> {
  const clock = systemClock
  const catalog = await loadCatalog(config.catalogFile)
  const metrics = stack.use(createMetrics({ version }))
  const engine = metrics.engine(
    given ?? stack.use(createDockerEngine({ ...config.engine, readText, lookThroughProcess, groupOf: site.groupOf })),
  )
  const onUpgrade = (copy: { file: string; tables: string }) =>
    logger.info(copy, 'a copy of the database was kept, and its tables were changed')
  const state = stack.use(await openState(config, { engine, clock, onUpgrade }))
  return {
    ...state,
    ...learnLab(config, engine, state.dataRoot),
    store: metrics.store('environments', state.store),
    accounts: metrics.store('accounts', state.accounts),
    usageRecords: metrics.store('usage', state.usageRecords),
    config,
    catalog,
    logger,
    version,
    clock,
    engine,
    isRealEngine: given === undefined,
    restic,
    metrics,
    takePlace: createPlaces(),
    closing,
    stack,
    onError: (error) => logger.error({ err: error }, 'background work failed'),
  }
}

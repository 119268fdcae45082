/** The gateway in a process of its own: the service may end and start again meanwhile, and nobody's connection is cut. */
import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { createRights } from '../accounts/rights.ts'
import { createTokens } from '../accounts/tokens.ts'
import { fileIdOf } from '../disk/file-id.ts'
import { createClosedGateway } from '../gateway/closed-gateway.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { requireFreePort } from '../lib/require-free-port.ts'
import { systemClock } from '../lib/system-clock.ts'
import { type Config, ConfigError, loadConfig, readSettings } from '../settings/config.ts'
import { explain, inWords } from '../settings/explain.ts'
import { haveTimeZone } from '../settings/time-zone.ts'
import { type Beside, openBeside } from './beside-service.ts'
import { assembleGateway } from './gateway.ts'
import { createLogger, runProcess } from './run-process.ts'
import { tokensLog } from './service-log.ts'
import { settingsOf } from './settings-of.ts'

const lookAgainMs = 2_000
// All connections stand still while a write waits for another program's.
const busyMs = 1_000
// A container keeps the mounts of its start: after this time only a new start can see the files.
const waitsInContainerMs = 30_000

type Options = { logger: Logger; signal: AbortSignal }

/** What `ailab gateway` does. @throws Error with a sentence for the administrator */
export async function runGateway(folder: string): Promise<void> {
  try {
    const settings = readSettings(folder)
    haveTimeZone(settings)
    const logger = await createLogger(settings.values, { byHand: false })
    await runProcess(logger, (signal) => serveGateway(() => loadConfig(folder), { logger, signal }))
  } catch (error) {
    throw new Error(inWords(explain(error)), { cause: error })
  }
}

/**
 * Runs until the signal aborts. While its settings are wrong or there are no records, it says that the lab is not ready.
 *
 * @throws Error in words
 */
async function serveGateway(load: () => Config, options: Options): Promise<void> {
  const { signal, logger } = options
  await requireFreePort(addressOf(settingsOf(load).config))
  while (!signal.aborted) {
    await using beside = await whenThere(load, options)
    if (!beside) return
    const address = addressOf(beside.config)
    await using gateway = assembleFrom(beside, logger)
    await gateway.listen(address)
    logger.info({ port: address.port, data_root: beside.dataRoot }, 'the gateway is up')
    await untilReplaced(beside, signal)
    if (!signal.aborted) logger.warn('another database is in the place of the one in use: it is opened anew')
  }
}

function addressOf({ gatewayPort, host }: Config): { port: number; host: string } {
  return { port: gatewayPort, host }
}

function assembleFrom({ accounts, store, ping, changes, config }: Beside, logger: Logger) {
  const clock = systemClock
  const onError = (err: unknown) => logger.error({ err }, 'background work failed')
  return assembleGateway({
    accounts,
    store,
    ping,
    changes,
    config,
    clock,
    logger,
    tokens: createTokens({ accounts, clock, log: tokensLog(logger) }),
    rights: createRights({ accounts, clock, onError }),
    onProblem: () => {},
    onError,
  })
}

/** Null if the signal aborts first. */
async function whenThere(load: () => Config, { signal, logger }: Options): Promise<(AsyncDisposable & Beside) | null> {
  const first = await opened(load)
  if (!(first instanceof Error)) return first
  await using closed = createClosedGateway({ logger, onProblem: () => {} })
  await closed.listen(addressOf(settingsOf(load).config))
  const since = systemClock.steady()
  let reason = ''
  let next: Error | (AsyncDisposable & Beside) = first
  while (next instanceof Error) {
    const words = inWords(explain(next))
    if (words !== reason) logger.error(`the gateway waits: ${words}`)
    reason = words
    await systemClock.sleep(lookAgainMs, { signal })
    if (signal.aborted) return null
    if (systemClock.steady() - since > waitsInContainerMs && (await helpsToStartAgain(next))) throw next
    next = await opened(load)
  }
  return next
}

/** A container that is started again has the same settings, so wrong settings stay wrong. */
async function helpsToStartAgain(error: Error): Promise<boolean> {
  return !(error instanceof ConfigError) && (await isInContainer())
}

async function opened(load: () => Config): Promise<Error | (AsyncDisposable & Beside)> {
  const { config, wrong } = settingsOf(load)
  if (wrong) return wrong
  return await openBeside(config, 'gateway', { busyMs }).catch((error: unknown) =>
    error instanceof Error ? error : new Error(reasonOf(error)),
  )
}

/** If there is no file now, or the disk does not answer, the open one is still the one in use. */
async function untilReplaced({ databaseFile, databaseId }: Beside, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(lookAgainMs, { signal })
    const now = await fileIdOf(databaseFile).catch(() => null)
    if (now && (now.inode !== databaseId?.inode || now.device !== databaseId.device)) return
  }
}

async function isInContainer(): Promise<boolean> {
  return await stat('/.dockerenv').then(
    () => true,
    () => false,
  )
}

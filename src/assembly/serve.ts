import type { Logger } from 'pino'
import { DataRootNotThere } from '../consistency/opening.ts'
import type { Finding } from '../domain/proof/proof.ts'
import { createClosedGateway } from '../gateway/closed-gateway.ts'
import { requireFreePort } from '../lib/require-free-port.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { Config } from '../settings/config.ts'
import { cannotStart } from './cannot-start.ts'
import { assembleService, type Service } from './service.ts'
import { settingsOf } from './settings-of.ts'
import { assembleWaiting, type Obstacle } from './waiting-service.ts'

const lookAgainAfterMs = 2_000

type Options = {
  logger: Logger
  version: string
  signal: AbortSignal
  onUp: (service: Service, config: Config) => Promise<void>
  /** Called each time that the service has to wait, once it answers. */
  onWaiting: (finding: Finding) => void
}

type Started = AsyncDisposable & { service: Service; config: Config }
/** Why there is no service yet, and the settings with which to say so. */
type Obstructed = Obstacle & { config: Config }

/**
 * Runs the service until the signal aborts. While it cannot start, it answers why, looks again every two seconds, and goes
 * on by itself. It opens a replaced data root anew.
 *
 * @throws Error with a sentence for the administrator when it cannot even answer, or has to be started again
 */
export async function serve(load: () => Config, options: Options): Promise<void> {
  const { signal, logger, onUp } = options
  const { config } = settingsOf(load)
  await requireFreePort(config)
  if (config.gateway === 'inside') await requireFreePort(gatewayAddress(config))
  while (!signal.aborted) {
    await using started = await whenThere(load, options)
    if (!started) return
    const { service, config } = started
    if (config.gateway === 'inside') await service.gateway.listen(gatewayAddress(config))
    await service.app.listen({ port: config.port, host: config.host })
    await onUp(service, config)
    await aborted(AbortSignal.any([signal, service.replaced]))
    if (signal.aborted) return
    if (service.isInContainer()) throw startAgain()
    logger.warn('the data root was replaced: it is opened anew')
  }
}

function gatewayAddress({ gatewayPort, host }: Config): { port: number; host: string } {
  return { port: gatewayPort, host }
}

/** Null if the signal aborts first. */
async function whenThere(load: () => Config, options: Options): Promise<Started | null> {
  const first = await assembled(load, options)
  if ('service' in first) return first
  const { logger, signal, onWaiting } = options
  const { config } = first
  await using waiting = await assembleWaiting(config, options, first)
  await using closed = createClosedGateway({ logger, onProblem: () => {} })
  if (config.gateway === 'inside') await closed.listen(gatewayAddress(config))
  await waiting.app.listen({ port: config.port, host: config.host })
  onWaiting(first.finding)
  while (!signal.aborted) {
    await systemClock.sleep(lookAgainAfterMs, { signal })
    if (signal.aborted) return null
    const next = await assembled(load, options)
    if ('service' in next) {
      logger.info('nothing is in the way any more: the service goes on')
      return next
    }
    waiting.tell(next)
  }
  return null
}

/** A container keeps the mounts of its start: only a new start sees the folder that is there now. */
function startAgain(): Error {
  return new Error(
    'The data root was replaced, or mounted, after this container was started. The service ends; the engine then starts the container again.',
  )
}

async function assembled(load: () => Config, options: Options): Promise<Started | Obstructed> {
  const { config, wrong } = settingsOf(load)
  try {
    if (wrong) throw wrong
    const service = await assembleService(config, options)
    return { service, config, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
  } catch (error) {
    if (!(error instanceof DataRootNotThere)) return { finding: cannotStart(error, config), cause: error, config }
    if (error.finding.code === 'data-root-replaced') throw startAgain()
    return { finding: error.finding, cause: null, config }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

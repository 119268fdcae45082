import type { Logger } from 'pino'
import { DataRootNotThere } from '../consistency/opening.ts'
import type { Finding } from '../domain/proof/proof.ts'
import { createClosedGateway } from '../gateway/closed-gateway.ts'
import { requireFreePort } from '../lib/require-free-port.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { Config } from '../settings/config.ts'
import { assembleService, type Service } from './service.ts'
import { assembleWaiting } from './waiting-service.ts'

const lookAgainAfterMs = 2_000

type Options = {
  logger: Logger
  version: string
  signal: AbortSignal
  onUp: (service: Service) => Promise<void>
  /** Called each time that the service has to wait for its data root, once it answers. */
  onWaiting: (finding: Finding) => void
}

/**
 * Runs the service until the signal aborts. While the data root is not there, the service answers that, and goes on by
 * itself when it is. It opens a replaced data root anew.
 *
 * @throws Error with a sentence for the administrator when it cannot be started, or has to be started again
 */
export async function serve(config: Config, options: Options): Promise<void> {
  const { signal, logger, onUp } = options
  await requireFreePort(config)
  const inside = config.gateway === 'inside'
  if (inside) await requireFreePort(gatewayAddress(config))
  while (!signal.aborted) {
    await using service = await whenThere(config, options)
    if (!service) return
    if (inside) await service.gateway.listen(gatewayAddress(config))
    await service.app.listen({ port: config.port, host: config.host })
    await onUp(service)
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
async function whenThere(config: Config, options: Options): Promise<Service | null> {
  const first = await assembled(config, options)
  if (!(first instanceof DataRootNotThere)) return first
  const { logger, signal, onWaiting } = options
  await using waiting = await assembleWaiting(config, options, first.finding)
  await using closed = createClosedGateway({ logger, onProblem: () => {} })
  if (config.gateway === 'inside') await closed.listen(gatewayAddress(config))
  await waiting.app.listen({ port: config.port, host: config.host })
  onWaiting(first.finding)
  while (!signal.aborted) {
    await systemClock.sleep(lookAgainAfterMs, { signal })
    if (signal.aborted) return null
    const next = await assembled(config, options)
    if (!(next instanceof DataRootNotThere)) {
      logger.info('the data root is there: the service goes on')
      return next
    }
    waiting.tell(next.finding)
  }
  return null
}

/** A container keeps the mounts of its start: only a new start sees the folder that is there now. */
function startAgain(): Error {
  return new Error(
    'The data root was replaced, or mounted, after this container was started. The service ends; the engine then starts the container again.',
  )
}

async function assembled(config: Config, options: Options): Promise<Service | DataRootNotThere> {
  try {
    return await assembleService(config, options)
  } catch (error) {
    if (!(error instanceof DataRootNotThere)) throw error
    if (error.finding.code === 'data-root-replaced') throw startAgain()
    return error
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** The service while its data root is not there: it can say that, and little more. */
import type { Logger } from 'pino'
import { createHealthMonitor } from '../consistency/health.ts'
import { keepWatch } from '../consistency/keep-watch.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { Problem } from '../domain/problem.ts'
import { type Finding, findingsText, proofOf } from '../domain/proof/proof.ts'
import type { App } from '../http/app-type.ts'
import { createWaitingApp } from '../http/waiting-app.ts'
import { systemClock } from '../lib/system-clock.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Config } from '../settings/config.ts'
import { problemsText } from './problems-text.ts'

export type Waiting = AsyncDisposable & {
  app: App
  /** Changes the finding that the service waits for. */
  tell(finding: Finding): void
}

export async function assembleWaiting(
  { engine: address, trustProxy, behindProxy }: Config,
  { logger, version }: { logger: Logger; version: string },
  first: Finding,
): Promise<Waiting> {
  await using stack = new AsyncDisposableStack()
  const clock = systemClock
  const closing = new AbortController()
  let finding = first
  const log = () =>
    logger.error({ finding }, `the data root cannot be used, so nothing is served: ${findingsText([finding])}`)
  log()

  const metrics = stack.use(createMetrics({ version }))
  const docker = stack.use(
    createDockerEngine({ ...address, readText: async () => null, lookThroughProcess: async () => null }),
  )
  const engine = metrics.engine(docker)
  const latestProof = () => proofOf([finding], clock.now())
  const health = createHealthMonitor({
    engine,
    pingDatabase: async () => {
      throw new Problem('data-root-not-proven', 'The database is in the data root, which cannot be used yet.')
    },
    prove: async () => latestProof(),
    examined: () => null,
    onEngine: () => {},
    clock,
  })
  metrics.show({ latestProof, latestExamination: () => null, census: null, clock })
  const app = await createWaitingApp({
    health,
    authenticate: null,
    version,
    clock,
    closing: closing.signal,
    exposition: metrics.exposition,
    requests: metrics.requests,
    finding: () => finding,
    trustProxy,
    behindProxy,
    problemsText,
    logger,
  })
  stack.defer(() => app.close())
  const background = keepWatch({ health, clock }, closing)
  stack.defer(async () => {
    closing.abort()
    await background
  })
  await Promise.race([health.measure(), clock.sleep(500)])
  const rest = stack.move()
  return {
    app,
    tell(next) {
      const isNews = next.detail !== finding.detail
      finding = next
      if (isNews) log()
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

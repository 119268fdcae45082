/** The service while it cannot start: it can say why, and little more. */
import type { Logger } from 'pino'
import { createHealthMonitor } from '../consistency/health.ts'
import { keepWatch } from '../consistency/keep-watch.ts'
import { readText } from '../disk/read-text.ts'
import { site } from '../disk/site.ts'
import { createDockerEngine } from '../docker/docker-engine.ts'
import { Problem } from '../domain/problem.ts'
import { type Finding, findingsText, proofOf } from '../domain/proof/proof.ts'
import type { App } from '../http/app-type.ts'
import { createWaitingApp } from '../http/waiting-app.ts'
import { createReminder } from '../lib/reminder.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { Config } from '../settings/config.ts'
import { problemsText } from './problems-text.ts'

/** Why there is no service yet. `cause` is the error behind it; null if nothing broke. */
export type Obstacle = { finding: Finding; cause: unknown }

export type Waiting = AsyncDisposable & {
  app: App
  /** Changes what the service waits for. */
  tell(obstacle: Obstacle): void
}

// A state that stays is said again so often: the log of a day has it, and is not full of it.
const remindEveryMs = 3_600_000

export async function assembleWaiting(
  { engine: address, trustProxy, publicUrl, behindProxy }: Config,
  { logger, version }: { logger: Logger; version: string },
  first: Obstacle,
): Promise<Waiting> {
  await using stack = new AsyncDisposableStack()
  const clock = systemClock
  const closing = new AbortController()
  const isToSay = createReminder(clock.steady, remindEveryMs)
  let finding = first.finding
  tell(first)

  function tell({ finding: next, cause }: Obstacle): void {
    finding = next
    const text = findingsText([next])
    if (isToSay(text))
      logger.error({ finding, err: cause ?? undefined }, `the service waits, and serves nothing: ${text}`)
  }

  const engine = stack.use(
    createDockerEngine({ ...address, readText, groupOf: site.groupOf, lookThroughProcess: async () => null }),
  )
  const health = createHealthMonitor({
    engine,
    pingDatabase: async () => {
      throw new Problem('not-started', 'The database is not open yet.')
    },
    prove: async () => proofOf([finding], clock.now()),
    room: async () => null,
    backups: async () => ({ status: 'healthy', code: null, detail: 'Not known until the service has started.' }),
    latestProof: () => null,
    examined: () => null,
    onEngine: () => {},
    clock,
  })
  const app = await createWaitingApp({
    health,
    authenticate: null,
    version,
    clock,
    closing: closing.signal,
    requests: { answered: () => {}, refused: () => {} }, // nobody could read the figures
    finding: () => finding,
    trustProxy,
    publicUrl,
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
    tell,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

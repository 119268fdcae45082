/** The door to environments, on a port of its own: in the service's process, or in one of its own beside it. */
import type { Logger } from 'pino'
import type { Rights } from '../accounts/rights.ts'
import type { Tokens } from '../accounts/tokens.ts'
import { createVisits } from '../accounts/visits.ts'
import { weaknessesOf } from '../domain/gateway/shared-origin.ts'
import { lookEveryMs } from '../domain/idle/idle-limits.ts'
import { sessionLifeMs } from '../domain/people/session.ts'
import type { ProblemCode } from '../domain/problem.ts'
import { createFindRecord } from '../environments/find-record.ts'
import { createOpenings } from '../environments/openings.ts'
import { createActivity } from '../gateway/activity.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import type { Config } from '../settings/config.ts'
import { createSecretCookie } from '../wire/secret-cookie.ts'
import { openingsLog } from './service-log.ts'

export type GatewayBase = {
  store: EnvironmentStore
  accounts: AccountStore
  tokens: Pick<Tokens, 'callerOf'>
  rights: Rights
  clock: Clock
  config: Pick<Config, 'publicUrl' | 'environments' | 'trustProxy' | 'offload' | 'idleLimits'>
  logger: Logger
  /** Rejects when the records cannot be read. */
  ping: () => Promise<void>
  /** Gives another text than before if any record may have changed since. */
  changes: () => string
  onProblem: (code: ProblemCode) => void
  onError: (error: unknown) => void
}

/** The gateway reads all that it needs from the database, so it goes on while the service is away. */
export function assembleGateway(base: GatewayBase): Gateway {
  const { store, accounts, clock, config, logger, onError } = base
  const { publicUrl, environments, trustProxy, offload, idleLimits } = config
  const findRecord = createFindRecord(store)
  const visits = createVisits({ accounts, clock })
  const openings = createOpenings({ store, findRecord, clock, log: openingsLog(logger) })
  const cookie = createSecretCookie({
    isSecure: environments.isSecure,
    isForPaths: environments.isShared,
    purpose: 'visit',
    lifeMs: sessionLifeMs,
  })
  if (environments.pattern === null) {
    logger.warn('ENVIRONMENTS_URL is not set: browsers cannot open environments through the gateway, programs can')
  }
  for (const { detail, remedy } of weaknessesOf(environments, publicUrl)) logger.warn(`${detail} ${remedy}`)
  const activity = createActivity({
    store,
    clock,
    everyMs: lookEveryMs({ tiers: {}, templates: {} }, idleLimits),
    onError,
  })
  const own = { activity, visits, findRecord, openings, cookie, environments, publicUrl, trustProxy, offload }
  return createGateway({ ...base, ...own })
}

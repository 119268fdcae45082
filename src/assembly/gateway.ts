/** The door to environments, on a port of its own. */
import { createVisits } from '../accounts/visits.ts'
import { sessionLifeMs } from '../domain/people/session.ts'
import { createChange } from '../environments/change.ts'
import { createFind } from '../environments/find.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { createWakeUp } from '../gateway/wake-up.ts'
import { openRoute } from '../http/routes/open.ts'
import { createSecretCookie } from '../wire/secret-cookie.ts'
import type { Base } from './base.ts'
import type { Capability } from './capability.ts'
import type { EnvironmentsPart } from './environments.ts'
import type { PeoplePart } from './people.ts'
import { othersLog } from './service-log.ts'

export type GatewayPart = Capability & { gateway: Gateway }

export function assembleGateway(
  base: Base,
  { reconciler }: EnvironmentsPart,
  { tokens, rights, authenticate }: PeoplePart,
): GatewayPart {
  const { store, accounts, clock, config, logger, metrics, stack } = base
  const { publicUrl, environments } = config
  if (environments.pattern === null) {
    logger.warn('ENVIRONMENTS_URL is not set: browsers cannot open environments through the gateway, programs can')
  }
  const find = createFind({ store, runtime: reconciler.runtime })
  const visits = createVisits({ accounts, clock })
  const gateway = createGateway({
    tokens,
    visits,
    rights,
    find,
    wakeUp: createWakeUp({ find, change: createChange({ find, store, redirect: reconciler.redirect, clock }), clock }),
    onOthers: othersLog(logger),
    cookie: createSecretCookie({ isSecure: environments.isSecure, purpose: 'visit', lifeMs: sessionLifeMs }),
    environments,
    publicUrl,
    trustProxy: config.trustProxy,
    offload: config.offload,
    clock,
    logger,
    onProblem: metrics.requests.refused,
  })
  stack.use(gateway)
  return {
    gateway,
    routes: { atTop: (app) => openRoute(app, { find, visits, environments, authenticate, publicUrl }) },
  }
}

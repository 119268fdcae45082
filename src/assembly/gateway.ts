/** The door to environments, on a port of its own. */
import { createFind } from '../environments/find.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { Base } from './base.ts'
import type { EnvironmentsPart } from './environments.ts'
import type { PeoplePart } from './people.ts'

export function assembleGateway(base: Base, { reconciler }: EnvironmentsPart, { tokens, rights }: PeoplePart): Gateway {
  const { store, clock, logger, metrics, stack } = base
  return stack.use(
    createGateway({
      tokens,
      rights,
      find: createFind({ store, runtime: reconciler.runtime }),
      clock,
      logger,
      onProblem: metrics.requests.refused,
    }),
  )
}

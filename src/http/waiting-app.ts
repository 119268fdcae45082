import type { FastifyRequest } from 'fastify'
import { Problem } from '../domain/problem.ts'
import { type Finding, findingsText } from '../domain/proof/proof.ts'
import type { App } from './app-type.ts'
import { type BaseUses, createBaseApp } from './base-app.ts'
import { isLocal } from './is-local.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'

/**
 * Answers while the service cannot start: health; every other call gets the reason. The service can sign nobody in yet, so
 * everybody at this machine gets the whole reason, unless the settings show that a proxy hands requests on.
 */
export async function createWaitingApp(
  uses: BaseUses & HealthUses & { finding: () => Finding; behindProxy: boolean },
): Promise<App> {
  const isAtMachine = (request: FastifyRequest) => !uses.behindProxy && isLocal(request)
  const app = await createBaseApp({ ...uses, isAtMachine }, () => reasonOf(uses.finding()))
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  return app
}

function reasonOf(finding: Finding): Problem {
  const code = finding.code === 'cannot-start' ? 'not-started' : 'data-root-not-proven'
  return new Problem(
    code,
    'The service cannot start yet, so there is nothing to serve. An administrator has to look: the log says why, and so does this call from the machine itself.',
    { adminDetail: findingsText([finding]) },
  )
}

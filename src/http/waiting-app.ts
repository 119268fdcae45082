import type { FastifyRequest } from 'fastify'
import { Problem } from '../domain/problem.ts'
import { type Finding, findingsText } from '../domain/proof/proof.ts'
import type { App } from './app-type.ts'
import { type BaseUses, createBaseApp } from './base-app.ts'
import { isLocal } from './is-local.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'
import { type MetricsUses, metricsRoutes } from './routes/metrics.ts'

/**
 * Answers while the service cannot start: health and metrics; every other call gets the reason. The service can sign nobody in
 * yet, so everybody at this machine gets the whole reason.
 */
export async function createWaitingApp(
  uses: BaseUses & HealthUses & MetricsUses & { finding: () => Finding },
): Promise<App> {
  const isAtMachine = (request: FastifyRequest) => !uses.behindProxy && isLocal(request)
  const app = await createBaseApp({ ...uses, isAtMachine }, () => reasonOf(uses.finding()))
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  metricsRoutes(app, uses)
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

import { Problem } from '../domain/problem.ts'
import type { Finding } from '../domain/proof/proof.ts'
import type { App } from './app-type.ts'
import { type BaseUses, createBaseApp } from './base-app.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'

/**
 * Answers while the service cannot start: health; every other call gets 503. The service can sign nobody in yet, so no answer
 * has a path of the host: a request from this machine may come through a proxy, from anybody.
 */
export async function createWaitingApp(
  uses: BaseUses & HealthUses & { finding: () => Pick<Finding, 'code'> },
): Promise<App> {
  const app = await createBaseApp(uses, () => reasonOf(uses.finding()))
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  return app
}

function reasonOf({ code }: Pick<Finding, 'code'>): Problem {
  return new Problem(
    code === 'cannot-start' ? 'not-started' : 'data-root-not-proven',
    'The service cannot start yet, so there is nothing to serve. An administrator has to look: the log says why, and what to do.',
  )
}

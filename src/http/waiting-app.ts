import { Problem } from '../domain/problem.ts'
import type { Finding } from '../domain/proof/proof.ts'
import type { App } from './app-type.ts'
import { type BaseUses, createBaseApp } from './base-app.ts'
import { type HealthUses, healthRoutes } from './routes/health.ts'
import { type MetricsUses, metricsRoutes } from './routes/metrics.ts'

/** Answers while the data root is missing: health and metrics; every other call gets the reason. */
export async function createWaitingApp(
  uses: BaseUses & HealthUses & MetricsUses & { finding: () => Finding },
): Promise<App> {
  const nothingHere = () =>
    new Problem(
      'data-root-not-proven',
      'The data root is not there, so there is nothing to serve. An administrator has to look: the log says what is missing.',
      { adminDetail: uses.finding().detail },
    )
  const app = await createBaseApp(uses, nothingHere)
  await app.register(async (open: App) => healthRoutes(open, uses), { prefix: '/api' })
  metricsRoutes(app, uses)
  return app
}

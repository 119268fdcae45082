import { type RunningService, startService } from '../../e2e/support/service.ts'
import { type Client, createClient } from './request.ts'

/** As `scripts/start.ts` starts it. */
export const startEnv = { NODE_COMPILE_CACHE: 'node_modules/.cache/compile' }

/** The real service, and a client of it as its administrator. */
export async function startMeasured(): Promise<{ service: RunningService; api: Client } & AsyncDisposable> {
  const service = await startService({ env: startEnv })
  const api = createClient(
    { port: Number(new URL(service.url).port) },
    { headers: { authorization: `Bearer ${service.adminToken}` } },
  )
  return { service, api, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

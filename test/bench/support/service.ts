import { serviceEnv } from '../../../scripts/lib/service-env.ts'
import { type RunningService, startService } from '../../e2e/support/service.ts'
import { type Client, createClient } from './request.ts'

/** The real service, and a client of it as its administrator. */
export async function startMeasured(): Promise<{ service: RunningService; api: Client } & AsyncDisposable> {
  const service = await startService({ env: serviceEnv })
  const api = createClient(
    { port: Number(new URL(service.url).port) },
    { headers: { authorization: `Bearer ${service.adminToken}` } },
  )
  return { service, api, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

import { type GatewayProcess, startGatewayProcess } from '../../support/gateway-process.ts'
import type { RunningService } from './service.ts'
import { platformOf } from './sign-in.ts'

/** Starts the gateway of a service that runs with `GATEWAY=apart`: a restart of the service drops nobody's kernel. */
export function gatewayOf(service: RunningService): Promise<GatewayProcess> {
  return startGatewayProcess({
    DATA_DIR: service.dataDir,
    GATEWAY_PORT: new URL(service.gatewayUrl).port,
    PUBLIC_URL: platformOf(service),
  })
}

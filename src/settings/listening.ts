/** Where the service and the gateway listen. The health check reads this too: it imports nothing that is slow to load. */

export const defaultPort = 5555
export const defaultHost = '127.0.0.1'

/** The gateway's port, unless GATEWAY_PORT names another. */
export function gatewayPortBeside(port: number): number {
  return port + 1
}

/** Both addresses from the variables of a process. An empty variable counts as left out, as for the service. */
export function listening(env: NodeJS.ProcessEnv = process.env): Record<'service' | 'gateway', Address> {
  const host = env.HOST || defaultHost
  const port = Number(env.PORT || defaultPort)
  return {
    service: { host, port },
    gateway: { host, port: Number(env.GATEWAY_PORT || gatewayPortBeside(port)) },
  }
}

type Address = { host: string; port: number }

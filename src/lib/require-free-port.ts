import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Rejects as listening would, before anything is made: a start that cannot serve leaves no data root, and nothing in the
 * engine. Another program may still take the port before the service does.
 */
export async function requireFreePort(address: { port: number; host: string }): Promise<void> {
  const server = createServer().listen(address)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

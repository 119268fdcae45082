import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from './request.ts'

// About as often as several open pages that have lost their server.
const asksEveryMs = 10

/**
 * Asks an environment's server for its status again and again, on a new connection each time. Gives the time of the first
 * answer. It does not ask for the page: the first page takes a server longer than everything that is measured here.
 */
export async function visit(serverUrl: string, { signal }: { signal: AbortSignal }): Promise<number> {
  const { port, pathname, search } = new URL(serverUrl)
  const path = `${pathname.split('/').slice(0, 3).join('/')}/api/status${search}`
  const client = createClient({ port: Number(port) }, { keepAlive: false })
  for (;;) {
    signal.throwIfAborted()
    const answer = await client('GET', path, { signal }).catch(() => null)
    if (answer && answer.status < 400) return performance.now()
    await sleep(asksEveryMs)
  }
}

import { hostToReach } from '../lib/host-to-reach.ts'
import type { ServiceSight } from './observations.ts'

type Ask = (url: string) => Promise<{ status: number; json: unknown } | null>

/** The service's own answer about its health; null if no program listens. */
export async function askService(
  { host, port }: { host: string; port: number },
  ask: Ask,
): Promise<ServiceSight | null> {
  const base = `http://${inUrl(hostToReach(host))}:${port}/api/health`
  const live = await ask(`${base}/live`)
  if (live === null) return null
  if (field(live.json, 'status') !== 'live') return { live: false, health: null }
  const health = (await ask(base))?.json
  const status = field(health, 'status')
  return { live: true, health: status === null ? null : { status, words: unhealthyDetails(health) } }
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function unhealthyDetails(health: unknown): string[] {
  const checks = health !== null && typeof health === 'object' && 'checks' in health ? health.checks : null
  return Object.values(checks ?? {}).flatMap((check) =>
    field(check, 'status') === 'healthy' ? [] : (field(check, 'detail') ?? []),
  )
}

function field(value: unknown, name: string): string | null {
  const found = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : null
  return typeof found === 'string' ? found : null
}

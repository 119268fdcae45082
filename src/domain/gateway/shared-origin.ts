/** What an ENVIRONMENTS_URL without `{id}` cannot hold: all environments then have one origin. Pure. */
import type { EnvironmentsUrl } from './environments-url.ts'

/** A weakness of the settings in sentences, and its cure. */
export type Weakness = { detail: string; remedy: string }

type Pattern = Pick<EnvironmentsUrl, 'pattern' | 'isShared'>

/** Null if each environment has an origin of its own. */
export function weaknessOf({ pattern, isShared }: Pattern, publicUrl: string): Weakness | null {
  if (!isShared || pattern === null) return null
  const { protocol, hostname, host } = new URL(pattern)
  const isPlatforms = hostname === new URL(publicUrl).hostname
  const between = `All environments have one origin (ENVIRONMENTS_URL=${pattern}), so the page of one can act on the others that its visitor may open.`
  const onPlatform =
    ' It shares its host name with PUBLIC_URL, and cookies know no ports: such a page can also sign its visitor out, or in to another account.'
  const named = /^[\d.]+$/.test(hostname) ? 'env.lab.example.org' : host
  return {
    detail: between + (isPlatforms ? onPlatform : ''),
    remedy: `Set ENVIRONMENTS_URL to a pattern with {id}, such as ${protocol}//{id}.${named}, with one wildcard record of DNS and one certificate for it (docs/gateway.md).`,
  }
}

/** Why the service cannot start: the environments' pages would be pages of the platform. Null if it can. */
export function samePlaceAsPlatform({ pattern, isShared }: Pattern, publicUrl: string): string | null {
  if (!isShared || pattern === null || new URL(pattern).origin !== new URL(publicUrl).origin) return null
  return 'is the origin of PUBLIC_URL: there every notebook could act as its visitor; write another host name, best a pattern with {id}'
}

/** Finds pages that should be apart, and share an origin by the addresses of the settings. Pure. */
import { basePathOf } from '../../lib/base-path.ts'
import type { EnvironmentsUrl } from './environments-url.ts'

/** A weakness of the settings in sentences, and its cure. */
export type Weakness = { summary: string; detail: string; remedy: string }

type Pattern = Pick<EnvironmentsUrl, 'pattern' | 'isShared'>

/** None if each environment has an origin of its own, and the platform too. */
export function weaknessesOf(pattern: Pattern, publicUrl: string): Weakness[] {
  return [ofEnvironments(pattern, publicUrl), ofPlatform(publicUrl)].filter((each) => each !== null)
}

function ofPlatform(publicUrl: string): Weakness | null {
  if (basePathOf(publicUrl) === '') return null
  const { protocol, host } = new URL(publicUrl)
  return {
    summary: 'The platform shares its origin with other programs.',
    detail: `The platform shares the origin ${protocol}//${host} with the other programs of that host (PUBLIC_URL=${publicUrl}): a page of theirs can act on it as its visitor, and a page of another host in the same domain can sign its visitor in to another account.`,
    remedy: 'Give the platform a host name of its own, and set PUBLIC_URL without a path (docs/security.md).',
  }
}

function ofEnvironments({ pattern, isShared }: Pattern, publicUrl: string): Weakness | null {
  if (!isShared || pattern === null) return null
  const { protocol, hostname, host } = new URL(pattern)
  const isPlatforms = hostname === new URL(publicUrl).hostname
  const between = `All environments have one origin (ENVIRONMENTS_URL=${pattern}), so the page of one can act on the others that its visitor may open.`
  const onPlatform =
    ' It shares its host name with PUBLIC_URL, and cookies know no ports: such a page can also sign its visitor out, or in to another account.'
  const named = /^[\d.]+$/.test(hostname) ? 'env.lab.example.org' : host
  return {
    summary: 'All environments have one origin.',
    detail: between + (isPlatforms ? onPlatform : ''),
    remedy: `Set ENVIRONMENTS_URL to a pattern with {id}, such as ${protocol}//{id}.${named}, with one wildcard record of DNS and one certificate for it (docs/gateway.md).`,
  }
}

/** Why the service cannot start: the environments' pages would be pages of the platform. Null if it can. */
export function samePlaceAsPlatform({ pattern, isShared }: Pattern, publicUrl: string): string | null {
  if (!isShared || pattern === null || new URL(pattern).origin !== new URL(publicUrl).origin) return null
  return 'is the origin of PUBLIC_URL: there every notebook could act as its visitor; write another host name, best a pattern with {id}'
}

import { basePath } from '../names.ts'
import { pathForm } from './path-form.ts'

/**
 * Where environments are in people's browsers. With `{id}` in its host name, such as `https://{id}.env.lab.example.org`, the
 * pattern gives each an origin of its own. Without, all have that one origin, and `/env/<id>/` tells them apart.
 */
export type EnvironmentsUrl = {
  /** The pattern; null if the lab has none. Then no browser opens an environment through the gateway. */
  pattern: string | null
  /** Whether browsers reach them over TLS. */
  isSecure: boolean
  /** Whether all environments have one origin. */
  isShared: boolean
  /** The origin of an environment; null if its id cannot be part of a host name. */
  originOf(id: string): string | null
  /** The path below which the environment has its origin to itself, with slashes at both ends. */
  baseOf(id: string): string
  /** The id in the header `Host`, or, where all have one origin, in the request's target; null if it is in neither. */
  idIn(host: string | undefined, target: string | undefined): string | null
}

// Letters, digits and hyphens, at most 63 of them (RFC 1035, 2.3.1).
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const pattern = /^(https?):\/\/([a-z0-9.-]*)(\{id\})?([a-z0-9.-]*)(:\d{1,5})?\/?$/

/** For a lab whose platform people reach by another name than localhost, and that has set no pattern. */
export const noEnvironmentsUrl: EnvironmentsUrl = {
  pattern: null,
  isSecure: false,
  isShared: false,
  originOf: () => null,
  baseOf: () => '/',
  idIn: () => null,
}

/** Reads a pattern; null if it is none. Pure. */
export function environmentsUrl(text: string): EnvironmentsUrl | null {
  const [, protocol, before = '', id, after = '', written = ''] = pattern.exec(text) ?? []
  if (protocol === undefined || !URL.canParse(text.replace('{id}', 'x'))) return null
  const isSecure = protocol === 'https'
  // Browsers leave the usual port out of `Origin`.
  const port = written === (isSecure ? ':443' : ':80') ? '' : written
  const known = { pattern: text, isSecure, isShared: id === undefined }
  if (id === undefined) return { ...known, ...oneOrigin(protocol, before, port) }
  return { ...known, ...ownOrigins(protocol, [before, after], port) }
}

type Place = Pick<EnvironmentsUrl, 'originOf' | 'baseOf' | 'idIn'>

function ownOrigins(protocol: string, [before, after]: readonly [string, string], port: string): Place {
  const hasLabel = (id: string) => label.test((before.split('.').at(-1) ?? '') + id + (after.split('.')[0] ?? ''))
  return {
    originOf: (id) => (hasLabel(id) ? `${protocol}://${before}${id}${after}${port}` : null),
    baseOf: () => '/',
    idIn(host) {
      const name = nameIn(host)
      if (!name.startsWith(before) || !name.endsWith(after)) return null
      const id = name.slice(before.length, name.length - after.length)
      return label.test(id) ? id : null
    },
  }
}

function oneOrigin(protocol: string, hostName: string, port: string): Place {
  return {
    originOf: () => `${protocol}://${hostName}${port}`,
    baseOf: basePath,
    idIn: (host, target = '') => (nameIn(host) === hostName ? (pathForm(target)?.id ?? null) : null),
  }
}

function nameIn(host: string | undefined): string {
  return host?.replace(/:\d*$/, '').toLowerCase() ?? ''
}

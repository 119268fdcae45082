/** Where environments are in people's browsers: a pattern with `{id}` in its host name, such as `https://{id}.env.lab.example.org`. */
export type EnvironmentsUrl = {
  /** The pattern; null if the lab has none. Then no browser opens an environment through the gateway. */
  pattern: string | null
  /** Whether browsers reach them over TLS. */
  isSecure: boolean
  /** The origin of an environment; null if its id cannot be part of a host name. */
  originOf(id: string): string | null
  /** The id in the header `Host`; null if that is another host. */
  idIn(host: string | undefined): string | null
}

// Letters, digits and hyphens, at most 63 of them (RFC 1035, 2.3.1).
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const pattern = /^(https?):\/\/([a-z0-9.-]*)\{id\}([a-z0-9.-]*)(:\d{1,5})?$/

/** For a lab whose platform people reach by another name than localhost, and that has set no pattern. */
export const noEnvironmentsUrl: EnvironmentsUrl = {
  pattern: null,
  isSecure: false,
  originOf: () => null,
  idIn: () => null,
}

/** Reads a pattern; null if it is none. Pure. */
export function environmentsUrl(text: string): EnvironmentsUrl | null {
  const [, protocol, before = '', after = '', port = ''] = pattern.exec(text) ?? []
  if (protocol === undefined) return null
  const hasLabel = (id: string) => label.test((before.split('.').at(-1) ?? '') + id + (after.split('.')[0] ?? ''))
  return {
    pattern: text,
    isSecure: protocol === 'https',
    originOf: (id) => (hasLabel(id) ? `${protocol}://${before}${id}${after}${port}` : null),
    idIn(host) {
      const name = host?.replace(/:\d*$/, '').toLowerCase() ?? ''
      if (!name.startsWith(before) || !name.endsWith(after)) return null
      const id = name.slice(before.length, name.length - after.length)
      return label.test(id) ? id : null
    },
  }
}

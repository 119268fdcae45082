/** `user` is null where the header names none. */
export type Credentials = { secret: string; user: string | null }

/**
 * The secret in an Authorization header: RFC 6750 Bearer, RFC 7617 Basic with the token as password, or `token`, as clients
 * of Jupyter write it.
 */
export function credentialsOf(header: string | undefined): Credentials | null {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(header ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return { secret: value, user: null }
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString()
      const colon = text.indexOf(':')
      return colon < 0 ? null : { user: text.slice(0, colon), secret: text.slice(colon + 1) }
    }
    default:
      return null
  }
}

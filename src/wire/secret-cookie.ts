/** A cookie that carries a secret of the platform, such as that of a session. */
export type SecretCookie = {
  /** The secret in a header `Cookie`; null if there is none, or if nobody can tell which of several is ours. */
  read(header: string | undefined): string | null
  /** Whether a header `Cookie` has several of the name. */
  isDoubled(header: string | undefined): boolean
  /** The `Set-Cookie` that hands the secret to the browser, for what is below a path. */
  set(secret: string, path?: string): string
  /** The `Set-Cookie` that takes it back. */
  clear(): string
}

/**
 * On https the name begins with `__Host-`: then no other host, nor a page without TLS, can have set the cookie (RFC 6265bis,
 * 4.1.3.2). A cookie for some paths cannot have that name. It begins with `__Secure-`, so only pages with TLS can have set it.
 * Each scheme reads its own name alone.
 */
export function createSecretCookie({
  isSecure,
  path: ownPath = '/',
  isForPaths = false,
  purpose,
  lifeMs,
}: {
  isSecure: boolean
  /** The path below which the cookie is sent, if none is given with the secret. */
  path?: string
  /** Whether a browser has one for each of several paths. */
  isForPaths?: boolean
  purpose: string
  lifeMs: number
}): SecretCookie {
  const prefix = isForPaths || ownPath !== '/' ? '__Secure-' : '__Host-'
  const name = `${isSecure ? prefix : ''}ai-lab-${purpose}`
  const rest = `HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  return {
    read(header) {
      const [only, ...others] = valuesIn(header, `${name}=`)
      return others.length === 0 && only ? only : null
    },
    isDoubled: (header) => valuesIn(header, `${name}=`).length > 1,
    set: (secret, path = ownPath) => `${name}=${secret}; Max-Age=${lifeMs / 1_000}; Path=${path}; ${rest}`,
    clear: () => `${name}=; Max-Age=0; Path=${ownPath}; ${rest}`,
  }
}

/**
 * Without TLS, a page of another port or path may have set a cookie of this name too, to make people work in a session of its
 * own. The header does not say which cookie is which, so two of them count as none.
 */
function valuesIn(header: string | undefined, start: string): string[] {
  if (!header?.includes(start)) return []
  const cookies = header.split(';').map((each) => each.trim())
  return cookies.filter((each) => each.startsWith(start)).map((each) => each.slice(start.length))
}

/** The headers in which a browser says where a request comes from. */
export type Provenance = {
  method: string
  /** `Sec-Fetch-Site`; browsers leave it out on plain http, except for the machine itself. */
  site: string | undefined
  /** `Sec-Fetch-Mode` */
  mode: string | undefined
  /** `Sec-Fetch-Dest` */
  destination: string | undefined
  /** `Origin` */
  origin: string | undefined
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request that a browser sent with the session's cookie counts. Cookies know no ports and come along from pages of
 * others, so the cookie alone does not say that the person wanted this.
 *
 * A request that may change something must come from the platform's own pages. A request that only reads may also be a visit:
 * of a link elsewhere, an address typed in, or a page of a browser that says nothing.
 */
export function isOfOwnPages({ method, site, mode, destination, origin }: Provenance, ownOrigin: string): boolean {
  if (site === 'same-origin') return true
  if (!safe.has(method)) return site === undefined && origin === ownOrigin
  if (site === 'none') return true
  // For a WebSocket, browsers say the page's origin and nothing else.
  if (site === undefined) return origin === undefined || origin === ownOrigin
  const isVisit = mode === 'navigate' && destination === 'document'
  return isVisit && (site === 'same-site' || site === 'cross-site')
}

/** Whether a request without any credentials, such as a sign-in, may come from a program or is of the platform's own pages. */
export function isOfNoOtherPage(request: Provenance, ownOrigin: string): boolean {
  return (request.site === undefined && request.origin === undefined) || isOfOwnPages(request, ownOrigin)
}

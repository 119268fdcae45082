/** The address of the service, from the page's <base>. It may be below a path of its host. */
const service = new URL('..', document.baseURI)

/** The path before all paths of the service: `/lab` or nothing. */
export const pathOfService = service.pathname.replace(/\/$/, '')

/** The address of something of the service, such as `api/me`. */
export function at(path: string): string {
  return new URL(path, service).href
}

import type { IncomingMessage } from 'node:http'
import type { Provenance } from '../domain/people/own-pages.ts'

/** Where a request comes from, by what a browser says of it. */
export function provenanceOf({ method = 'GET', headers }: IncomingMessage): Provenance {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, origin } = headers
  return { method, site: site?.toString(), mode: mode?.toString(), destination: destination?.toString(), origin }
}

/** Whether a person's browser opens a page: for such requests the gateway answers with pages. */
export function isVisit({ method, headers }: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, accept } = headers
  if (method !== 'GET') return false
  // Browsers leave these headers out on plain http, except for the machine itself.
  return mode === undefined ? Boolean(accept?.includes('text/html')) : mode === 'navigate' && destination === 'document'
}

import type { IncomingMessage } from 'node:http'
import type { Provenance } from '../domain/people/own-pages.ts'

/** Where a request comes from, by what a browser says of it. */
export function provenanceOf({ method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>): Provenance {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, origin } = headers
  // Node gives the values of a repeated header of these names as one text.
  return { method, site: site?.toString(), mode: mode?.toString(), destination: destination?.toString(), origin }
}

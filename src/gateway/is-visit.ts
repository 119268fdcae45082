import type { IncomingMessage } from 'node:http'
import { asksForWebSocket } from './asks-for-web-socket.ts'

/** Whether a person's browser opens a page: for such requests the gateway answers with pages. */
export function isVisit(request: IncomingMessage): boolean {
  const { method, headers } = request
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, accept } = headers
  if (method !== 'GET' || asksForWebSocket(request)) return false
  // Browsers leave these headers out on plain http, except for the machine itself.
  return mode === undefined ? Boolean(accept?.includes('text/html')) : mode === 'navigate' && destination === 'document'
}

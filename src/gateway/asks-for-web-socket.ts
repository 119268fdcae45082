import type { IncomingMessage } from 'node:http'
import { hasBody } from '../lib/has-body.ts'

/** Whether a request asks for a WebSocket. Offers of other protocols are ignored (RFC 9110, 7.8). */
export function asksForWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET' && !hasBody(request)
}

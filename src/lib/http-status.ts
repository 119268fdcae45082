import { Agent, get } from './http-client.ts'

// A new connection for each request: another server may have taken over the same port.
const agent = new Agent({ keepAlive: false })

/** The HTTP status of one GET, without reading its body; null if nobody answers. */
export function httpStatus(
  url: string,
  { headers, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<number | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent, signal, ...(headers && { headers }) }, ({ statusCode }) => {
      resolve(statusCode ?? null)
      request.destroy() // its body may have no end
    })
    request.once('error', () => resolve(null))
    // We asked for no other protocol, so a 101 is neither an answer nor an error.
    request.once('close', () => resolve(null))
  })
}

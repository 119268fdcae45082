import { Agent, get } from 'node:http'

// A connection of its own for each request: what is asked may have been replaced behind the same port.
const agent = new Agent({ keepAlive: false })

/** The HTTP status of one GET, its body thrown away; null when nobody answers there. */
export function httpStatus(
  url: string,
  { headers, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<number | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent, signal, ...(headers && { headers }) }, (response) => {
      response.resume()
      resolve(response.statusCode ?? null)
    })
    request.once('error', () => resolve(null))
  })
}

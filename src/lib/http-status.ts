import { Agent, get } from 'node:http'

// A connection of its own for each request: what is asked may have been replaced behind the same port.
const agent = new Agent({ keepAlive: false })

/** The HTTP status of one GET, whose body is not read; null when nobody answers there. */
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
    // Another protocol (101), which nobody asked for, is neither an answer nor an error.
    request.once('close', () => resolve(null))
  })
}

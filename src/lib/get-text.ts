import type { IncomingMessage } from 'node:http'
import { Agent, get } from './http-client.ts'

// A new connection for each request: another server may have taken over the same port.
const agent = new Agent({ keepAlive: false })

/**
 * The answer to one GET: the body of a 200 as text, at most `limitBytes` of it, and its `Date` header. For any other
 * status the body is not read. Null if nobody answers, if the body is longer or breaks off, or when the signal aborts.
 * Follows no redirects.
 */
export function getText(
  url: string,
  { headers, limitBytes, signal }: { headers: Record<string, string>; limitBytes: number; signal: AbortSignal },
): Promise<{ status: number; body: string; date: string | null } | null> {
  return new Promise((resolve) => {
    let isAnswered = false
    const request = get(url, { agent, signal, headers }, async (response) => {
      isAnswered = true
      const { statusCode: status = 0 } = response
      const body = status === 200 ? await bodyOf(response, limitBytes) : ''
      request.destroy()
      resolve(body === null ? null : { status, body, date: response.headers.date ?? null })
    })
    request.once('error', () => resolve(null))
    // We asked for no other protocol, so a 101 is neither an answer nor an error.
    request.once('close', () => {
      if (!isAnswered) resolve(null)
    })
  })
}

async function bodyOf(response: IncomingMessage, limitBytes: number): Promise<string | null> {
  if (Number(response.headers['content-length']) > limitBytes) return null
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk)
      size += chunk.length
      if (size > limitBytes) return null
    }
  } catch {
    return null
  }
  return Buffer.concat(chunks).toString()
}

import { Agent, get, type IncomingMessage } from 'node:http'

// A connection of its own for each request: what is asked may have been replaced behind the same port.
const agent = new Agent({ keepAlive: false })

/**
 * What one GET answers: its body as text, `limitBytes` at most, and its `Date` header. Null when nobody answers, when the
 * body is longer, or when it breaks off. Follows no redirects.
 */
export function getText(
  url: string,
  { headers, limitBytes, signal }: { headers: Record<string, string>; limitBytes: number; signal: AbortSignal },
): Promise<{ status: number; body: string; date: string | null } | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent, signal, headers }, async (response) => {
      const body = await bodyOf(response, limitBytes)
      if (body === null) request.destroy()
      resolve(body === null ? null : { status: response.statusCode ?? 0, body, date: response.headers.date ?? null })
    })
    request.once('error', () => resolve(null))
  })
}

async function bodyOf(response: IncomingMessage, limitBytes: number): Promise<string | null> {
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

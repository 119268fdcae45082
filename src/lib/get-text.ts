import { Agent, get, type IncomingMessage } from 'node:http'

// A connection of its own for each request: what is asked may have been replaced behind the same port.
const agent = new Agent({ keepAlive: false })

/**
 * What one GET answers: the body of a 200 as text, `limitBytes` at most, and its `Date` header. Of any other status
 * nothing more is read. Null when nobody answers, when the body is longer, or when it breaks off; and at the latest when
 * the signal aborts, whatever is answered. Follows no redirects.
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
    // Another protocol (101), which nobody asked for, is neither an answer nor an error.
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

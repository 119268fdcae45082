import type { CustomFetchOptions } from 'openid-client'
import { isLoopback } from '../lib/is-loopback.ts'

/** More than any answer of a provider has. */
const longestAnswerBytes = 1024 * 1024

/**
 * `fetch`, but an answer is bounded, and nothing goes over plain http, except to this machine. The signal of the request bounds the
 * whole answer in time.
 */
export async function boundedFetch(url: string, options: CustomFetchOptions): Promise<Response> {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !isLoopback(hostname)) throw new Error(`${url} is not https`)
  const response = await fetch(url, options as RequestInit)
  const { status, headers, body } = response
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > longestAnswerBytes) throw new Error(`the answer of ${url} is longer than ${longestAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks)
  return new Response(text.length === 0 ? null : text, { status, headers })
}

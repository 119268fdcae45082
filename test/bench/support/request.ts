import { Agent, request } from 'node:http'

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON; a wrong guess about it fails the bench
export type Json = any
export type Answer = { status: number; body: Json }

type Options = { body?: object; headers?: Record<string, string>; signal?: AbortSignal }
export type Client = (method: string, path: string, options?: Options) => Promise<Answer>

const limitMs = 120_000

/** A plain HTTP client with kept connections to a port of this machine or the engine's socket: the cheapest way to ask. */
export function createClient(
  where: { port: number } | { socketPath: string },
  { headers: always = {}, keepAlive = true }: { headers?: Record<string, string>; keepAlive?: boolean } = {},
): Client {
  const agent = new Agent({ keepAlive })
  return (method, path, { body, headers = {}, signal } = {}) => {
    const payload = body && JSON.stringify(body)
    const options = {
      ...where,
      agent,
      method,
      path,
      signal: AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]),
      headers: {
        ...always,
        ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        ...headers,
      },
    }
    return new Promise((resolve, reject) => {
      const call = request(options, async (response) => {
        try {
          let text = ''
          for await (const chunk of response.setEncoding('utf8')) text += chunk
          resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : text })
        } catch (error) {
          reject(error)
        }
      })
      call.once('error', reject)
      call.end(payload)
    })
  }
}

/** Gives the answer if it has one of these statuses; any other status is wrong behaviour, and fails the bench. */
export async function expectStatus(answer: Promise<Answer>, ...statuses: number[]): Promise<Json> {
  const { status, body } = await answer
  if (statuses.includes(status)) return body
  throw new Error(`The answer is ${status}, not ${statuses.join(' or ')}: ${JSON.stringify(body)}`)
}

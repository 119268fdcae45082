import { request } from './http-client.ts'

const limitMs = 30_000

/** The JSON answer of a server on a Unix socket. @throws Error unless it answers 200 */
export function askSocket(socketPath: string, path: string, token: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const headers = { authorization: `Bearer ${token}`, host: 'localhost' }
  const asked = request({ socketPath, path, headers, signal: AbortSignal.timeout(limitMs) }, (answer) => {
    let text = ''
    answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    answer.once('error', reject)
    answer.once('end', () => {
      if (answer.statusCode === 200) resolve(JSON.parse(text))
      else reject(new Error(`${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`))
    })
  })
  asked.once('error', reject)
  asked.end()
  return promise
}

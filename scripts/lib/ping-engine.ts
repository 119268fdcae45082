import { readFileSync } from 'node:fs'
import { request as plainRequest, type RequestOptions } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { join } from 'node:path'

export type Ping = { kind: 'answers' } | { kind: 'forbidden' } | { kind: 'absent'; reason: string }

/** One call to the engine's API. It takes a few milliseconds; `docker version` takes a hundred. */
export function ping(host: string, signal: AbortSignal, env: NodeJS.ProcessEnv = process.env): Promise<Ping> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EACCES' ? { kind: 'forbidden' } : { kind: 'absent', reason: error.message })
    try {
      const isTls = host.startsWith('tcp://') && Boolean(env.DOCKER_TLS_VERIFY)
      const where = { ...(isTls && keysIn(env.DOCKER_CERT_PATH)), ...addressOf(host) }
      const request = isTls ? tlsRequest : plainRequest
      const call = request({ ...where, path: '/_ping', timeout: 5_000, signal }, (response) => {
        response.resume()
        const isFine = response.statusCode === 200
        resolve(isFine ? { kind: 'answers' } : { kind: 'absent', reason: `it answers ${response.statusCode}` })
      })
      call.on('timeout', () => call.destroy(new Error('no answer within 5 s')))
      call.on('error', fail)
      call.end()
    } catch (error) {
      fail(error as NodeJS.ErrnoException)
    }
  })
}

function addressOf(host: string): RequestOptions {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) }
  const { hostname, port } = new URL(host)
  return { host: hostname, port }
}

/** The files that Docker's own command line takes. */
function keysIn(folder = '') {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)))
  return { ca, cert, key }
}

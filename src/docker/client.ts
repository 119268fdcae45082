import type { IncomingMessage } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { inspect } from 'node:util'
import type { EngineAddress } from '../domain/engine-address.ts'
import { Agent } from '../lib/http-client.ts'
import type { Docker, Modem } from './dockerode.ts'
import { loadDockerode } from './load-dockerode.ts'

/**
 * The one place that makes a dockerode client. It also works around the faults of its transport.
 *
 * @param options.keepAlive false: each call over a connection of its own
 */
export function createClient(
  address: EngineAddress,
  { keepAlive = true }: { keepAlive?: boolean } = {},
): { docker: Docker; agent: Agent } {
  // Kept connections save about 1 ms a call. A connection that the engine closes leaves the pool at once. The 5 s are for
  // proxies between us and the engine that drop idle connections silently.
  const agent = new (address.tls ? TlsAgent : Agent)({ keepAlive, timeout: 5000 })
  // docker-modem 5 describes each request for its debug output, with agent and sockets in full depth, even when that
  // output is off. This was a third of the service's own cost of a creation.
  Object.assign(agent, { [inspect.custom]: () => 'Agent' })
  const Dockerode = loadDockerode()
  const docker = new Dockerode({ ...whereabouts(address), agent } as object) as unknown as Docker
  settleBrokenAnswers(docker.modem)
  if (address.tls) nameCuts(docker.modem)
  return { docker, agent }
}

/** `host: undefined` and `socketPath: undefined` keep docker-modem from taking DOCKER_HOST of the process instead. */
function whereabouts({ socket, tls }: EngineAddress): object {
  if (socket.startsWith('unix://')) return { socketPath: socket.slice('unix://'.length), host: undefined }
  if (socket.startsWith('/')) return { socketPath: socket, host: undefined }
  const { hostname, port } = new URL(socket)
  return { host: hostname, port, protocol: tls ? 'https' : 'http', socketPath: undefined, ...tls }
}

/**
 * docker-modem 5 waits only for an answer's `end`: if the connection breaks midway, its promise never settles. So we ask
 * for every answer as a stream and read it to its end here, where a break is an error.
 */
function settleBrokenAnswers(modem: Modem): void {
  const dial = modem.dial.bind(modem)
  modem.dial = (request, callback) => {
    if (request.isStream) return dial(request, callback)
    dial({ ...request, isStream: true }, (error, answer) => {
      if (error) callback(error, null)
      else wholeOf(answer as IncomingMessage).then((body) => callback(null, body), callback as (error: unknown) => void)
    })
  }
}

/** With TLS 1.3, when the engine refuses a certificate, we may only see that it cut the connection. */
function nameCuts(modem: Modem): void {
  const dial = modem.dial.bind(modem)
  modem.dial = (request, callback) => {
    dial(request, (error, answer) => {
      if (error instanceof Error && error.message === 'socket hang up') Object.assign(error, { code: 'TLS_CUT' })
      callback(error, answer)
    })
  }
}

async function wholeOf(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return answer.headers['content-type']?.startsWith('application/json') && body.length > 0
    ? JSON.parse(body.toString())
    : body
}

/** `since`: milliseconds since the epoch; null for all. */
export type LogQuery = { tail: number; follow: boolean; since: number | null }

/** The multiplexed logs as a stream; `container.logs()` gathers them in memory when it does not follow. */
export function logStream(
  docker: Docker,
  id: string,
  { tail, follow, since, abortSignal }: LogQuery & { abortSignal: AbortSignal },
): Promise<IncomingMessage> {
  const request = {
    path: `/containers/${id}/logs?`,
    method: 'GET',
    isStream: true,
    options: { stdout: true, stderr: true, tail, follow, ...(since !== null && { since: (since / 1000).toFixed(3) }) },
    abortSignal,
    statusCodes: { 200: true },
  }
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage)))
  })
}

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const engineSocket = '/var/run/docker.sock'

/** A proxy to the engine of this machine, which can answer 500 in its place. */
export type FailingProxy = AsyncDisposable & {
  /** As in DOCKER_HOST. */
  socket: string
  /** How many calls were answered with 500. */
  readonly failures: number
  /**
   * From now on answers every matching call, such as `POST /containers/one/start`, with 500, and breaks off matching calls
   * that have not ended. With `carriedOut` a call reaches the engine first.
   */
  fail(calls: RegExp, options?: { carriedOut?: boolean }): void
  heal(): void
}

export async function startFailingProxy(): Promise<FailingProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-proxy-'))
  const path = join(folder, 'engine.sock')
  const open = new Map<ServerResponse, string>()
  let failing: { calls: RegExp; carriedOut: boolean } | null = null
  let failures = 0

  function refuse(response: ServerResponse): void {
    failures += 1
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"something broke"}')
  }

  const server = createServer((asked, response) => {
    const { method, url = '', headers } = asked
    const call = `${method} ${url.replace(/^\/v[\d.]+/, '').replace(/\?.*/s, '')}`
    const fault = failing?.calls.test(call) ? failing : null
    if (fault && !fault.carriedOut) {
      asked.resume()
      return refuse(response)
    }
    open.set(response, call)
    const onward = httpRequest({ socketPath: engineSocket, path: url, method, headers }, (answer) => {
      if (fault) return answer.once('end', () => refuse(response)).resume()
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      response.flushHeaders()
      return answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    response.once('close', () => {
      open.delete(response)
      onward.destroy()
    })
    return asked.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))

  return {
    socket: `unix://${path}`,
    get failures() {
      return failures
    },
    fail(calls, { carriedOut = false } = {}) {
      failing = { calls, carriedOut }
      failures = 0
      for (const [response, call] of open) if (calls.test(call)) response.destroy()
    },
    heal() {
      failing = null
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The kernels, terminals and figures of one made-up Jupyter server. */
export type FakeJupyter = {
  kernels: { execution_state: string; last_activity: string }[]
  terminals: { last_activity: string }[]
  saves: number
  /** If false, the server answers only the request for its readiness. */
  tells: boolean
}

/** The Jupyter servers of all environments behind one port, told apart by their paths. */
export async function openFakeJupyters(): Promise<{
  address: { host: string; port: number }
  of: (environmentId: string) => FakeJupyter
  [Symbol.asyncDispose](): Promise<void>
}> {
  const servers = new Map<string, FakeJupyter>()
  const of = (id: string): FakeJupyter => {
    const known = servers.get(id) ?? { kernels: [], terminals: [], saves: 0, tells: true }
    servers.set(id, known)
    return known
  }
  const server = createServer((request, response) => {
    const [, , id = '', ...rest] = new URL(request.url ?? '', 'http://localhost').pathname.split('/')
    const path = rest.join('/')
    const body = bodyOf(of(id), path)
    if (path !== 'api/status' && !of(id).tells) return
    response.writeHead(body === null ? 404 : 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: { host: '127.0.0.1', port },
    of,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function bodyOf({ kernels, terminals, saves }: FakeJupyter, path: string): string | null {
  switch (path) {
    case 'api/status':
      return '{}'
    case 'api/kernels':
      return JSON.stringify(kernels)
    case 'api/terminals':
      return JSON.stringify(terminals)
    case 'metrics':
      return `http_request_duration_seconds_count{handler="jupyter_server.services.contents.handlers.ContentsHandler",method="PUT",status_code="200"} ${saves}.0\n`
    default:
      return null
  }
}

export function kernel(execution_state: 'idle' | 'busy' | 'starting'): FakeJupyter['kernels'][number] {
  return { execution_state, last_activity: new Date().toISOString() }
}

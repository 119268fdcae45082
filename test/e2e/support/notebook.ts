import { once } from 'node:events'
import { serverUrl } from '../../support/server-url.ts'
import type { Json, RunningService } from './service.ts'

const longWait = { prefer: 'wait=60' }

/** A running environment, and its notebook server's own API. */
export type Notebook = {
  id: string
  /** A call of the Jupyter server's API, such as `contents/shared`. */
  jupyter(method: string, path: string, body?: object): Promise<{ status: number; body: Json }>
  /** A WebSocket of that API, such as `kernels/<id>/channels`, once it is open. */
  socket(path: string): Promise<WebSocket>
}

/** Creates an environment and waits until it runs. */
export async function createNotebook(service: RunningService, body: object = {}, token?: string): Promise<Notebook> {
  const answer = await service.call('POST', '/api/environments', {
    body: { template: 'jupyterlab', ...body },
    headers: longWait,
    ...(token && { token }),
  })
  if (answer.body.status !== 'running') throw new Error(`The environment does not run: ${JSON.stringify(answer.body)}`)
  return await notebookOf(answer.body)
}

/** The notebook of an environment, asked past the gateway. */
export async function notebookOf({ id }: { id: string }): Promise<Notebook> {
  const { origin, searchParams } = new URL(await serverUrl(id))
  return notebookAt({ origin, id, token: searchParams.get('token') ?? '' })
}

/** The notebook of an environment, asked at that origin with that token. */
export function notebookAt({ origin, id, token }: { origin: string; id: string; token: string }): Notebook {
  return {
    id,
    async jupyter(method, path, body) {
      const response = await fetch(`${origin}/env/${id}/api/${path}`, {
        method,
        headers: { authorization: `token ${token}` },
        ...(body && { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: await response.json().catch(() => null) }
    },
    async socket(path) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/env/${id}/api/${path}?token=${token}`)
      await once(socket, 'open', { signal: AbortSignal.timeout(10_000) })
      return socket
    },
  }
}

/** Waits until an environment has that status; gives it as the API shows it then. */
export async function untilStatus(
  service: RunningService,
  id: string,
  status: string,
  limitMs = 30_000,
): Promise<Json> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const { body } = await service.call('GET', `/api/environments/${id}`)
    if (body.status === status) return body
    if (Date.now() > deadline) throw new Error(`${id} is ${body.status} (${body.status_reason}), not ${status}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

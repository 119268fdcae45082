import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient, expectStatus } from './request.ts'

const startLimitMs = 300_000
const password = 'a long enough password'

export type ConsoleLab = {
  /** As a browser opens it. */
  origin: string
  /** The ids of environments that run; their rows are the first in the list of all. */
  running: string[]
  /** Stops an environment; gives the time of the engine's event, in milliseconds since the epoch. */
  stop(id: string): Promise<number>
  /** Changes so many environments, evenly over that time. */
  change(count: number, overMs: number): Promise<void>
} & AsyncDisposable

/**
 * Starts the service on an engine in memory with so many environments, most of them stopped. `owner`: the person to whom the stopped ones
 * belong. It ends when this is disposed.
 */
export async function startConsoleLab(
  environments: number,
  signal: AbortSignal,
  { owner }: { owner?: string } = {},
): Promise<ConsoleLab> {
  const child = fork(fileURLToPath(new URL('./console-service.ts', import.meta.url)), [
    String(environments),
    ...(owner ? [owner] : []),
  ])
  const within = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)])
  const answer = async <T>(): Promise<T> => ((await once(child, 'message', { signal: within })) as [T])[0]
  const early = once(child, 'exit', { signal: within }).then(([code]) => {
    throw new Error(`The service of the bench ended with ${code}.`)
  })
  try {
    const ready = answer<{ url: string; token: string; ids: string[] }>()
    const { url, token, ids } = await Promise.race([ready, early])
    early.catch(() => {})
    const api = createClient({ port: Number(new URL(url).port) }, { headers: { authorization: `Bearer ${token}` } })
    await expectStatus(api('PUT', '/api/users/admin/password', { body: { password } }), 204)
    return {
      origin: url.replace('127.0.0.1', 'localhost'),
      running: ids,
      async stop(id) {
        child.send({ stop: id })
        return (await answer<{ at: number }>()).at
      },
      async change(count, overMs) {
        child.send({ change: count, overMs })
        await answer()
      },
      async [Symbol.asyncDispose]() {
        child.disconnect()
        if (child.exitCode === null) await once(child, 'exit')
      },
    }
  } catch (error) {
    child.kill()
    throw error
  }
}

/**
 * Tells idleness that people use an environment whose server does not report its use: each request counts, and so does what a
 * client sends on a WebSocket or in a body.
 *
 * INVARIANTS
 * - It goes by way of the record, so it does not matter in which process the gateway runs.
 * - It writes to a record at most once in `everyMs`, and only while the environment is to run: an open page goes on sending
 *   to a paused one.
 */
import type { Socket } from 'node:net'
import type { Environment } from '../domain/environment/environment.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

type Read = Pick<Socket, 'bytesRead'>
type Closable = { once(event: 'close', listener: () => void): unknown }
type Followed = { id: string; socket: Read; octets: number }

export type Activity = Disposable & {
  /** A request on that socket was let in; it ends when `connection` closes. */
  began(environment: Pick<Environment, 'id' | 'launch'>, socket: Read, connection: Closable): void
}

export function createActivity({
  store,
  clock,
  everyMs,
  onError,
}: {
  store: Pick<EnvironmentStore, 'get' | 'change'>
  clock: Pick<Clock, 'now' | 'after'>
  everyMs: number
  onError: (error: unknown) => void
}): Activity {
  const open = new Set<Followed>()
  const used = new Set<string>()
  let cancel: (() => void) | null = null

  function wake(): void {
    cancel ??= clock.after(everyMs, () => {
      cancel = null
      for (const each of open) heed(each)
      for (const id of used) write(id).catch(onError)
      used.clear()
      if (open.size > 0) wake()
    })
  }

  function heed(followed: Followed): void {
    const { id, socket, octets } = followed
    if (socket.bytesRead > octets) used.add(id)
    followed.octets = socket.bytesRead
  }

  async function write(id: string): Promise<void> {
    const environment = await store.get(id)
    if (environment?.desired !== 'running') return
    await store.change(id, { lastActivityAt: clock.now() }, { as: environment })
  }

  return {
    began({ id, launch }, socket, connection) {
      if (launch.type === 'jupyter') return // idleness asks its server
      const followed = { id, socket, octets: socket.bytesRead }
      used.add(id)
      open.add(followed)
      connection.once('close', () => {
        open.delete(followed)
        heed(followed)
      })
      wake()
    },

    [Symbol.dispose]() {
      cancel?.()
    },
  }
}

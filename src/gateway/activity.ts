/**
 * Tells idleness that people use an environment whose server does not report its use: each request counts, and so does what a
 * client sends on a WebSocket or in a body.
 *
 * INVARIANTS
 * - It goes by way of the record, so it does not matter in which process the gateway runs.
 * - It writes the first use after a silence to the record at once, so that it still cancels a pause. While the use goes on, it
 *   writes at each tick, once in `everyMs`.
 * - It writes only while the environment is to run: an open page goes on sending to a paused one.
 */
import type { Socket } from 'node:net'
import type { Environment } from '../domain/environment/environment.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

type Read = Pick<Socket, 'bytesRead'>
/** A response, or the socket of a WebSocket, which alone has `data`. */
type Connection = { on(event: 'close' | 'data', listener: () => void): unknown }
type Followed = { id: string; socket: Read; octets: number }

export type Activity = Disposable & {
  /** A request on that socket was let in; it ends when `connection` closes. */
  began(environment: Pick<Environment, 'id' | 'launch'>, socket: Read, connection: Connection): void
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
  /** Since the last tick: environments whose use was written, and those of them that were used again. */
  const written = new Set<string>()
  const usedAgain = new Set<string>()
  let cancel: (() => void) | null = null
  let isOver = false

  function wake(): void {
    cancel ??= clock.after(everyMs, tick)
  }

  function tick(): void {
    cancel = null
    const due = new Set(usedAgain)
    for (const each of open) if (hasSent(each)) due.add(each.id)
    written.clear()
    usedAgain.clear()
    for (const id of due) note(id)
    if (open.size > 0) wake()
  }

  function note(id: string): void {
    if (isOver) return
    if (written.has(id)) usedAgain.add(id)
    else {
      written.add(id)
      write(id).catch(onError)
    }
    wake()
  }

  function hasSent(followed: Followed): boolean {
    const { octets, socket } = followed
    followed.octets = socket.bytesRead
    return socket.bytesRead > octets
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
      const heed = () => {
        if (hasSent(followed)) note(id)
      }
      note(id)
      open.add(followed)
      connection.on('data', heed)
      connection.on('close', () => {
        open.delete(followed)
        heed()
      })
    },

    [Symbol.dispose]() {
      isOver = true
      cancel?.()
    },
  }
}

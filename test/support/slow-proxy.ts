import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A proxy to a port of this host that lets only so many bytes through in a second, for all connections and both directions together. */
export type SlowProxy = AsyncDisposable & {
  port: number
  /** The rate from now on. */
  bytesPerSecond: number
  /** The number of open connections. */
  readonly open: number
  /** Methods and paths of the requests so far. */
  readonly asked: readonly string[]
  /** Breaks all connections and refuses new ones, as if the other side went down. */
  goDown(): void
  comeBack(): void
}

const slices = 20

export async function startSlowProxy(to: number, bytesPerSecond: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>()
  let down = false
  const asked: string[] = []
  let budget = 0
  let waiting: (() => void)[] = []
  const timer = setInterval(() => {
    budget = proxy.bytesPerSecond / slices
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }, 1000 / slices)

  /** Lets a chunk through piece by piece, within the budget of all connections. */
  function throttle(): Transform {
    return new Transform({
      highWaterMark: 16_384,
      transform(chunk: Buffer, _, done) {
        const next = (rest: Buffer) => {
          if (this.destroyed) return
          const size = Math.min(rest.length, Math.floor(budget))
          budget -= size
          if (size > 0) this.push(rest.subarray(0, size))
          if (size === rest.length) done()
          else waiting.push(() => next(rest.subarray(size)))
        }
        next(chunk)
      },
    })
  }

  const server = createServer((client) => {
    if (down) return client.destroy()
    const registry = connect(to, '127.0.0.1')
    const [up, back] = [throttle(), throttle()]
    sockets.add(client)
    const end = () => {
      sockets.delete(client)
      for (const each of [client, registry, up, back]) each.destroy()
    }
    client.once('close', end).on('error', end)
    registry.on('error', end)
    client.on('data', (chunk: Buffer) => asked.push(...(/^[A-Z]+ \S+/.exec(chunk.toString('latin1')) ?? [])))
    client.pipe(up).pipe(registry)
    registry.pipe(back).pipe(client)
    return client
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const proxy: SlowProxy = {
    port: typeof address === 'object' && address ? address.port : 0,
    bytesPerSecond,
    get open() {
      return sockets.size
    },
    asked,
    goDown() {
      down = true
      for (const socket of sockets) socket.destroy()
    },
    comeBack() {
      down = false
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      proxy.goDown()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

// Below the ports that the kernel gives to connections and to whoever asks for port 0: else another test, or a connection, may take the
// port between this look and its use.
const [first, last] = [10_000, 32_000]

/** A port of this machine on which nobody listens now. */
export async function freePort(): Promise<number> {
  await using held = await holdPort()
  return held.port
}

/** Two different ports. Asked for one after the other, they could be the same. */
export async function twoFreePorts(): Promise<[number, number]> {
  await using first = await holdPort()
  await using second = await holdPort()
  return [first.port, second.port]
}

async function holdPort(): Promise<AsyncDisposable & { port: number }> {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first))
    const server = await listenOn(port)
    if (server === null) continue
    return {
      port,
      async [Symbol.asyncDispose]() {
        server.close()
        await once(server, 'close')
      },
    }
  }
}

/** Null if somebody listens there already. */
async function listenOn(port: number): Promise<Server | null> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null
    throw error
  }
}

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

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
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

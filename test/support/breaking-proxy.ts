import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A reverse proxy that loses the answer to the first POST, and breaks streams when it is told to. */
export type BreakingProxy = AsyncDisposable & {
  url: string
  /** The answers of the service, each as its method and status. */
  answered: string[]
  /** How many answers never reached their client. */
  readonly broken: number
  breakStreams(): void
}

export async function breakingProxy(port: number): Promise<BreakingProxy> {
  const answered: string[] = []
  const streams = new Set<ServerResponse>()
  let broken = 0
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      answered.push(`${method} ${answer.statusCode}`)
      if (method === 'POST' && broken === 0) {
        broken += 1
        answer.resume()
        incoming.socket.destroy()
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      if (answer.headers['content-type']?.startsWith('text/event-stream')) streams.add(outgoing)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    get broken() {
      return broken
    },
    breakStreams() {
      for (const stream of streams) stream.destroy()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

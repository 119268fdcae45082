import { type AddressInfo, connect } from 'node:net'
import type { App } from '../../src/http/app-type.ts'

/** Makes an app listen, and gives its port. */
export async function portOf(app: App): Promise<number> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

export type RawAnswer = { status: number; headers: Headers; body: string }

/** The server's answer to some bytes, HTTP or not, until it closes the connection. `from` is the client's own address. */
export async function rawAnswer(port: number, bytes: string, from?: string): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1', ...(from && { localAddress: from }) }).setEncoding('utf8')
  socket.write(bytes)
  const text = (await socket.toArray()).join('')
  const [head = '', ...bodies] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = new Headers(lines.map((each) => each.split(/: ?(.*)/, 2) as [string, string]))
  return { status: Number(line.split(' ')[1]), headers, body: bodies.join('\r\n\r\n') }
}

/** A complete request, after which the server closes the connection. */
export function closing(method: string, path: string): string {
  return `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
}

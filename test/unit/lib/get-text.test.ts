import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { getText } from '../../../src/lib/get-text.ts'

async function ask(answer: RequestListener, limitMs = 5_000) {
  const server = createServer(answer)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return getText(`http://127.0.0.1:${port}/x`, {
    headers: { authorization: 'token t' },
    limitBytes: 1_000,
    signal: AbortSignal.timeout(limitMs),
  })
}

test('an answer has the status, the text, and the date of the server', async () => {
  const answer = await ask(({ headers }, response) => {
    response.writeHead(200, { date: 'Tue, 24 Nov 2026 19:08:53 GMT' }).end(`got ${headers.authorization}`)
  })
  expect(answer).toEqual({ status: 200, body: 'got token t', date: 'Tue, 24 Nov 2026 19:08:53 GMT' })
})

// Trouble (idleness): a server does not report its activity, or reports nonsense
// Trouble (worst): a server changes the protocol
test.each<[string, RequestListener]>([
  ['is too long', (_, response) => response.end('x'.repeat(1_001))],
  ['says that it will be too long', (_, response) => response.writeHead(200, { 'content-length': 1_001 }).write('x')],
  [
    'is another protocol',
    ({ socket }) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  ],
  ['never ends', (_, response) => void setInterval(() => response.write('x'), 1).unref()],
  [
    'breaks off',
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x')
      setTimeout(() => response.destroy(), 20)
    },
  ],
])('an answer that %s counts as none', async (_, answer) => {
  expect(await ask(answer)).toBeNull()
})

// Trouble (worst): a server gives an answer of the wrong kind
test('the body of an answer other than 200 is not read', async () => {
  const answer = await ask((_, response) => void response.writeHead(404).write('x'))
  expect(answer).toMatchObject({ status: 404, body: '' })
})

test('a server that takes the request and never answers is given up', async () => {
  expect(await ask(() => {}, 50)).toBeNull()
})

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { httpStatus } from '../../../src/lib/http-status.ts'

async function urlOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const signal = AbortSignal.timeout(60_000)

// Trouble (worst): the answer of a server has no end
test('an endless answer is cut off as soon as its status is known', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const url = await urlOf((_, response) => {
    const writing = setInterval(() => response.write('x'.repeat(65_536)), 1)
    response.once('close', () => {
      clearInterval(writing)
      resolve()
    })
  })
  expect(await httpStatus(url, { signal })).toBe(200)
  await closed
})

// Trouble (worst): a server changes the protocol
test('a switch to another protocol counts as no answer', async () => {
  const url = await urlOf(({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  })
  expect(await httpStatus(url, { signal })).toBeNull()
})

test('a server that takes the request and never answers is given up', async () => {
  const url = await urlOf(() => {})
  expect(await httpStatus(url, { signal: AbortSignal.timeout(50) })).toBeNull()
})

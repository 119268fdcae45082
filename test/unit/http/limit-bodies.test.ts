import { once } from 'node:events'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import Fastify from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { limitBodies } from '../../../src/http/limit-bodies.ts'
import { uploadBody } from '../../../src/http/upload-body.ts'
import { portOf } from '../../support/raw-http.ts'

const limitMs = 1_000

/** A connection to a server that answers an upload after its first piece. `answer` gives what has come since the last one. */
async function uploading() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const app = Fastify() as unknown as App
  limitBodies(app, limitMs)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.put('/', { config: { takesLong: true } }, async ({ body }, reply) => {
    for await (const _ of uploadBody(body as Readable)) return reply.code(204).send()
  })
  const socket = connect(await portOf(app), '127.0.0.1').setEncoding('utf8')
  onTestFinished(async () => {
    vi.useRealTimers()
    socket.destroy()
    await app.close()
  })
  const begin = (bytes: number) => void socket.write(`PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\nx`)
  const answer = async () => String((await once(socket, 'data'))[0]).slice(9, 12)
  return { socket, begin, answer }
}

// Trouble (cost): a client reads the answer to its upload, and sends the rest of the body one byte at a time
test('the rest of a body has as long after the answer as any other body has', async () => {
  const { socket, begin, answer } = await uploading()
  begin(10)
  expect(await answer()).toBe('204')
  const closed = new Promise((resolve) => void socket.on('error', () => {}).once('close', resolve))
  socket.write('x')
  await vi.advanceTimersByTimeAsync(limitMs)
  await closed
})

test('the connection of a body whose rest came in time can be used again', async () => {
  const { socket, begin, answer } = await uploading()
  begin(10)
  expect(await answer()).toBe('204')
  socket.write('x'.repeat(9))
  begin(1)
  expect(await answer()).toBe('204')
  await vi.advanceTimersByTimeAsync(limitMs)
  begin(1)
  expect(await answer()).toBe('204')
})

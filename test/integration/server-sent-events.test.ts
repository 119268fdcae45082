import { get, type IncomingMessage } from 'node:http'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { type ServerSentEvent, sendEvents } from '../../src/http/server-sent-events.ts'

/** Starts a server that streams events of 16 KiB, and counts them as it makes them. */
async function streaming(count: number) {
  const state = { made: 0, isLeft: false }
  async function* events(): AsyncIterable<ServerSentEvent> {
    try {
      for (; state.made < count; state.made += 1) yield { event: 'x', id: String(state.made), data: 'x'.repeat(16_384) }
    } finally {
      state.isLeft = true
    }
  }
  const app = Fastify().get('/', (_, reply) => sendEvents(reply, events()))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await new Promise<IncomingMessage>((resolve) => get(url, { agent: false }, resolve))
  return { state, answer, [Symbol.asyncDispose]: () => app.close() }
}

// Trouble (progress): a slow reader of events
test('the service waits for a slow reader, makes no events ahead of it, and loses none', async () => {
  const count = 4_000
  await using stream = await streaming(count)
  let before = -1
  const newlyMade = () => {
    const { made } = stream.state
    const more = made - before
    before = made
    return more
  }
  await expect.poll(newlyMade, { interval: 100 }).toBe(0)
  expect(before).toBeLessThan(count / 2)
  let text = ''
  for await (const chunk of stream.answer.setEncoding('utf8')) text += chunk
  expect(text).toMatch(/^: following\nretry: 2000\n\n/)
  const ids = Array.from(text.matchAll(/^id: (\d+)$/gm), ([, id]) => Number(id))
  expect(ids).toEqual(Array.from({ length: count }, (_, at) => at))
})

// Trouble (progress): nothing happens for a long time
test('an event that a page can see keeps the connection open while nothing happens', async () => {
  const { promise: nothing, resolve: end } = Promise.withResolvers<void>()
  async function* events(): AsyncIterable<ServerSentEvent> {
    await nothing
    yield { event: 'x', data: null }
  }
  await using app = Fastify().get('/', (_, reply) => sendEvents(reply, events()))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await new Promise<IncomingMessage>((resolve) => get(url, { agent: false }, resolve))
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await expect.poll(() => text, { timeout: 30_000 }).toBe(': following\nretry: 2000\n\nevent: alive\ndata: {}\n\n')
  end()
})

// Trouble (progress): a reader leaves
test('the service stops making events when their reader leaves', async () => {
  await using stream = await streaming(4_000)
  stream.answer.destroy()
  await expect.poll(() => stream.state.isLeft).toBe(true)
  expect(stream.state.made).toBeLessThan(4_000)
})

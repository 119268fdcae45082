import { get, type IncomingMessage } from 'node:http'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { type ServerSentEvent, sendEvents } from '../../src/http/server-sent-events.ts'

/** A server that streams events of 16 KiB, and how many it has made so far. */
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
test('a slow reader is waited for: nothing is made ahead of it, and nothing lost', async () => {
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

// Trouble (progress): nothing happens for long
test('where nothing happens, a comment keeps the connection open', async () => {
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
  await expect.poll(() => text, { timeout: 30_000 }).toMatch(/^: following\nretry: 2000\n\n: still following\n\n$/)
  end()
})

// Trouble (progress): a reader that leaves
test('a reader that leaves ends what is made for it', async () => {
  await using stream = await streaming(4_000)
  stream.answer.destroy()
  await expect.poll(() => stream.state.isLeft).toBe(true)
  expect(stream.state.made).toBeLessThan(4_000)
})

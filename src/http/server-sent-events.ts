import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** One event, as the HTML standard has it: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export type ServerSentEvent = { event: string; data: unknown; id?: string | null }

const keepAliveMs = 15_000
// The time that a browser waits before it asks again.
const retryMs = 2_000

/**
 * Answers with a stream of events. It waits for a slow reader: it reads nothing ahead. While there is none, it sends the event `alive` every
 * 15 seconds. A page cannot see a comment, and notices by the silence that a connection died without a word.
 */
export function sendEvents(reply: FastifyReply, events: AsyncIterable<ServerSentEvent>): FastifyReply {
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('x-accel-buffering', 'no')
    .serializer(String)
    .send(Readable.from(textOf(events)) as never)
}

/** There may be no event for hours: a comment at once, and a sign now and then, keeps proxies from closing the connection. */
async function* textOf(events: AsyncIterable<ServerSentEvent>): AsyncIterable<string> {
  yield `: following\nretry: ${retryMs}\n\n`
  const iterator = events[Symbol.asyncIterator]()
  try {
    let next = iterator.next()
    for (;;) {
      const result = await withinOrNull(next, keepAliveMs)
      if (!result) yield lines({ event: 'alive', data: {} })
      else if (result.done) return
      else {
        yield lines(result.value)
        next = iterator.next()
      }
    }
  } finally {
    await iterator.return?.()
  }
}

function lines({ event, data, id }: ServerSentEvent): string {
  return `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

async function withinOrNull<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), limitMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

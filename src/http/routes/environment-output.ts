import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Watch } from '../../environments/watch.ts'
import type { LogLine } from '../../ports/engine.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { statsBody } from '../schemas/environment.ts'

const params = z.object({ id: z.string().max(200) })
const tags = ['environments']
const keepAliveMs = 15_000

/** What an environment puts out: its log and its measures. `closing` ends streams when the service shuts down. */
export function environmentOutputRoutes(app: App, { watch, closing }: { watch: Watch; closing: AbortSignal }): void {
  app.get(
    '/environments/:id/logs',
    {
      exposeHeadRoute: false, // a HEAD would follow too, and nobody would ever read
      schema: {
        tags,
        summary: 'The last lines of its log',
        description: 'Plain text; with `follow=true` Server-Sent Events, one `line` event a line, until it stops.',
        params,
        querystring: z.object({
          tail: z.coerce.number().int().min(1).max(10_000).default(200),
          follow: z.stringbool().default(false),
        }),
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const { tail, follow } = request.query
      const caller = callerOf(request)
      if (!follow) {
        const lines = await watch.logs(caller, request.params.id, tail)
        return reply.type('text/plain; charset=utf-8').send(lines.map(({ text }) => `${text}\n`).join(''))
      }
      const signal = AbortSignal.any([request.signal, closing])
      const lines = await watch.followLogs(caller, request.params.id, tail, { signal })
      reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
      return reply.serializer(String).send(Readable.from(eventsOf(lines)) as never)
    },
  )

  app.get(
    '/environments/:id/stats',
    { schema: { tags, summary: 'What it uses, measured now', params, response: { 200: statsBody } } },
    async (request) => {
      const stats = await watch.stats(callerOf(request), request.params.id)
      return {
        cpu_percent: stats.cpuPercent,
        memory_bytes: stats.memoryBytes,
        memory_limit_bytes: stats.memoryLimitBytes,
        network_received_bytes: stats.networkReceivedBytes,
        network_sent_bytes: stats.networkSentBytes,
        block_read_bytes: stats.blockReadBytes,
        block_written_bytes: stats.blockWrittenBytes,
        pids: stats.pids,
      }
    },
  )
}

/** A log may be quiet for hours: a comment first, and one now and then, keeps the connection alive on its way. */
async function* eventsOf(lines: AsyncIterable<LogLine>): AsyncIterable<string> {
  yield ': following\n\n'
  const iterator = lines[Symbol.asyncIterator]()
  try {
    let next = iterator.next()
    for (;;) {
      const result = await withinOrNull(next, keepAliveMs)
      if (!result) yield ': still following\n\n'
      else if (result.done) break
      else {
        yield `event: line\ndata: ${JSON.stringify(result.value)}\n\n`
        next = iterator.next()
      }
    }
    yield 'event: end\ndata: {}\n\n'
  } finally {
    await iterator.return?.()
  }
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

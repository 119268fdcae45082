import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Watch } from '../../environments/watch.ts'
import { harmlessOutput } from '../../lib/printable.ts'
import type { LogLine } from '../../ports/engine.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { holdRight, type RightsUses } from '../hold-right.ts'
import { type TakePlace, untilClosed } from '../places.ts'
import { flag } from '../schemas/common.ts'
import { environmentParams, statsBody } from '../schemas/environment.ts'
import { type ServerSentEvent, sendEvents } from '../server-sent-events.ts'

const tags = ['environments']
const problems = ['environment-not-found', 'wrong-state', 'too-many-at-once', 'engine-unavailable'] as const
const pieceCharacters = 64 * 1024

/** The output of an environment: its log and its measures. */
export function environmentOutputRoutes(
  app: App,
  { watch, takePlace, rights, closing }: { watch: Watch; takePlace: TakePlace } & RightsUses,
): void {
  app.get(
    '/environments/:id/logs',
    {
      exposeHeadRoute: false, // a HEAD would follow too, without a reader
      config: { problems },
      schema: {
        tags,
        operationId: 'getEnvironmentLogs',
        summary: 'The last lines of its log',
        description:
          'Plain text, in which only colours may steer a terminal: other control characters stand as `\\x1b`. With `follow=true` Server-Sent Events, one `line` event a line as it was written, until it stops; while it writes nothing, `alive` every 15 seconds.',
        params: environmentParams,
        querystring: z.object({
          tail: z.coerce.number().int().min(1).max(10_000).default(200).describe('How many lines'),
          follow: flag.describe('Go on with each new line, as Server-Sent Events'),
        }),
        response: {
          200: {
            description: 'The lines; with follow=true a stream of events',
            content: { 'text/plain': { schema: z.string() }, 'text/event-stream': { schema: z.string() } },
          },
        },
      },
    },
    async (request, reply) => {
      const { tail, follow } = request.query
      const caller = callerOf(request)
      untilClosed(reply, takePlace(follow ? 'followed-logs' : 'logs', caller))
      const signal = holdRight(request, reply, { rights, ...(follow && { closing }) })
      if (!follow) {
        const lines = await watch.logs(caller, request.params.id, tail, { signal })
        return reply
          .type('text/plain; charset=utf-8')
          .serializer(String)
          .send(Readable.from(textOf(lines)) as never)
      }
      const lines = await watch.followLogs(caller, request.params.id, tail, { signal })
      return sendEvents(reply, eventsOf(lines, signal))
    },
  )

  app.get(
    '/environments/:id/stats',
    {
      config: { problems },
      schema: {
        tags,
        operationId: 'getEnvironmentStats',
        summary: 'The resources that it uses, measured now',
        params: environmentParams,
        response: { 200: answer(statsBody, 'Its use at this moment') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('stats', caller)
      const stats = await watch.stats(caller, request.params.id, { signal: holdRight(request, reply, { rights }) })
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

/** Makes each piece only when the reader has taken the one before: nothing is written in advance for a slow reader. */
function* textOf(lines: readonly LogLine[]): Iterable<string> {
  let piece = ''
  for (const { text } of lines) {
    piece += `${harmlessOutput(text)}\n`
    if (piece.length < pieceCharacters) continue
    yield piece
    piece = ''
  }
  yield piece
}

/** A stream that ends because the service closes, or a right is lost, says nothing of the log's end. */
async function* eventsOf(lines: AsyncIterable<LogLine>, signal: AbortSignal): AsyncIterable<ServerSentEvent> {
  for await (const data of lines) yield { event: 'line', data }
  if (!signal.aborted) yield { event: 'end', data: {} }
}

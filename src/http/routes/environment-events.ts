import { z } from 'zod'
import { can } from '../../domain/people/can.ts'
import type { Follow, Told } from '../../environments/follow.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { holdRight, type RightsUses } from '../hold-right.ts'
import { type TakePlace, untilClosed } from '../places.ts'
import { environmentParams } from '../schemas/environment.ts'
import { followQuery, toEventBody } from '../schemas/progress.ts'
import { type ServerSentEvent, sendEvents } from '../server-sent-events.ts'

const description = `Server-Sent Events: first the events of the present run so far, then each event as it happens. It ends by itself, with an \`ended\`
event, when the environment is settled. With \`Last-Event-ID\` it sends only later events, and answers 204 if no more will come.

| event | data |
|---|---|
| \`status\` | \`status\`, \`reason\`, \`transition\`: as in an environment |
| \`phase\` | \`phase\`: queued, pulling, creating, starting, awaiting-ready, stopping |
| \`queued\` | \`place\` in the queue: 1 is next |
| \`pulling\` | \`image\`, \`percent\`, \`current_bytes\`, \`total_bytes\`, \`bytes_per_second\`, \`layers\` of \`id\`, \`phase\`, \`current_bytes\`, \`total_bytes\` |
| \`ready\` | \`took_ms\`, \`phases\`: how long each took |
| \`failed\` | \`code\`, \`reason\` |
| \`warning\` | \`cause\` (idle-pause, idle-stop, max-runtime), \`action\` (pause, stop), \`at\`, \`given_at\`, \`reason\`. Use after \`given_at\` puts off all but the end of the longest run |
| \`out-of-memory\` | \`at\`, \`limit_bytes\`, \`reason\`: a program in it was killed because its memory ran out |
| \`alive\` | nothing has happened for 15 seconds: a stream that is silent for 45 seconds has lost its connection |
| \`ended\` | \`status\`: running, paused, exited, failed, or gone |`

export type EnvironmentEventsUses = {
  follow: Follow
  /** The time when this process began to number events, in a few characters. */
  eventsFrom: string
  takePlace: TakePlace
} & RightsUses

/** The progress of an environment. When the service shuts down, it ends the streams; browsers then ask again. */
export function environmentEventsRoute(
  app: App,
  { follow, eventsFrom, takePlace, ...uses }: EnvironmentEventsUses,
): void {
  app.get(
    '/environments/:id/events',
    {
      exposeHeadRoute: false, // a HEAD would follow too, without a reader
      config: { problems: ['environment-not-found', 'too-many-at-once'] },
      schema: {
        tags: ['environments'],
        operationId: 'followEnvironmentEvents',
        summary: 'Follow its progress: queue, pull, start, readiness, or why it failed',
        description,
        params: environmentParams,
        querystring: followQuery,
        headers: z.object({
          'last-event-id': z.string().optional().describe('The id of the last event that the client has'),
        }),
        response: {
          200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } },
          204: z.null().describe('No more events will come: browsers then stop asking'),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      untilClosed(reply, takePlace('events', caller))
      const signal = holdRight(request, reply, uses)
      const after = numberOf(request.headers['last-event-id'], eventsFrom)
      const options = { after, beyondSettled: request.query.follow, signal }
      const events = await follow(caller, request.params.id, options)
      if (!events) return reply.code(204).send(null)
      return sendEvents(reply, toServerSent(events, { eventsFrom, forAdmin: can(caller, 'host-path:see') }))
    },
  )
}

async function* toServerSent(
  events: AsyncIterable<Told>,
  { eventsFrom, forAdmin }: { eventsFrom: string; forAdmin: boolean },
): AsyncIterable<ServerSentEvent> {
  for await (const { number, event } of events) {
    const id = number === null ? null : `${eventsFrom}-${number}`
    yield { id, event: event.kind, data: toEventBody(event, forAdmin) }
  }
}

/** The number in an event id of this process; null if the id is of another process, or no event id. */
function numberOf(id: string | undefined, eventsFrom: string): number | null {
  const [, from, number] = /^([0-9a-z]{1,20})-(\d{1,15})$/.exec(id ?? '') ?? []
  return from === eventsFrom ? Number(number) : null
}

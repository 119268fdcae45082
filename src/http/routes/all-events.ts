import { z } from 'zod'
import { userId } from '../../domain/people/user-id.ts'
import type { Change, FollowAll } from '../../environments/follow-all.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { holdRight, type RightsUses } from '../hold-right.ts'
import { type TakePlace, untilClosed } from '../places.ts'
import { isoTime } from '../schemas/common.ts'
import { type EnvironmentBody, type Scene, toEnvironmentBody } from '../schemas/environment.ts'
import { type ServerSentEvent, sendEvents } from '../server-sent-events.ts'

const description = `Server-Sent Events for a list that stays as it is without asking again: open the stream, then get the list. It does not end by itself.
After a broken connection, open it again and get the list again: the stream tells only what changes from then on.

| event | data |
|---|---|
| \`environment\` | the environment as it is now; it may be new |
| \`gone\` | \`id\` of an environment that is no more |
| \`proof\` | for administrators who follow everybody's: \`status\` and \`checked_at\` of a new look at the data root and all mounts; \`GET /api/data/consistency\` has the rest |
| \`alive\` | nothing has changed for 15 seconds: a stream that is silent for 45 seconds has lost its connection |`

export type AllEventsUses = { followAll: FollowAll; scene: () => Scene; takePlace: TakePlace } & RightsUses

/** Every change of all environments that the caller sees. */
export function allEventsRoute(app: App, { followAll, scene, takePlace, ...uses }: AllEventsUses): void {
  app.get(
    '/events',
    {
      exposeHeadRoute: false, // a HEAD would follow too, without a reader
      config: { problems: ['too-many-at-once'] },
      schema: {
        tags: ['environments'],
        operationId: 'followEnvironments',
        summary: 'Follow all your environments; as an administrator, everybody’s',
        description,
        querystring: z.object({
          user_id: userId.optional().describe('Whose environments; others than your own for administrators only'),
        }),
        response: { 200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      untilClosed(reply, takePlace('all-events', caller))
      const signal = holdRight(request, reply, uses)
      const changes = await followAll(caller, request.query.user_id, { signal })
      return sendEvents(
        reply,
        toServerSent(changes, (found) => toEnvironmentBody(found, caller, scene())),
      )
    },
  )
}

/** Sends nothing twice: the service hears of several changes where a reader sees one. */
async function* toServerSent(
  changes: AsyncIterable<Change>,
  toBody: (found: Extract<Change, { found: unknown }>['found']) => EnvironmentBody,
): AsyncIterable<ServerSentEvent> {
  const sent = new Map<string, string>()
  for await (const change of changes) {
    if ('goneId' in change) {
      sent.delete(change.goneId)
      yield { event: 'gone', data: { id: change.goneId } }
      continue
    }
    if ('proof' in change) {
      const { status, checkedAt } = change.proof
      yield { event: 'proof', data: { status, checked_at: checkedAt && isoTime(checkedAt) } }
      continue
    }
    const body = toBody(change.found)
    const sum = sha256(JSON.stringify(body)).slice(0, 16)
    if (sent.get(body.id) === sum) continue
    sent.set(body.id, sum)
    yield { event: 'environment', data: body }
  }
}

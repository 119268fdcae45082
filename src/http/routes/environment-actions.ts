import { z } from 'zod'
import type { Caller } from '../../domain/people/account.ts'
import { can } from '../../domain/people/can.ts'
import { type UserId, userId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import type { Action, Change } from '../../environments/change.ts'
import type { Recreate } from '../../environments/recreate.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { environmentBody, recreateBody, type Scene, toEnvironmentBody } from '../schemas/environment.ts'

const actions = ['stop', 'restart', 'pause', 'resume'] as const satisfies Action[]
const actionBody = z.strictObject({
  user_id: userId.optional().describe('The acting user, which the existing portals send: only oneself'),
})
const startBody = actionBody.extend({
  safe: z
    .boolean()
    .default(false)
    .describe(
      "Without the person's own packages and settings, in a new container; lasts until a start that is not safe",
    ),
})
const params = z.object({ id: z.string().max(200) })
const tags = ['environments']

/** The actions of people on an environment. Each call answers at once; the reconciler carries it out. */
export function environmentActionRoutes(
  app: App,
  { change, recreate, scene }: { change: Change; recreate: Recreate; scene: () => Scene },
): void {
  app.post(
    '/environments/:id/recreate',
    {
      schema: {
        tags,
        summary: 'Make its container anew: the same data, on the mounts it should have today',
        description: 'Files that are neither in `shared/` nor in `data/` are lost with the old container.',
        params,
        body: recreateBody,
        response: { 202: environmentBody },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const found = await recreate(caller, request.params.id, request.body ?? {})
      return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
    },
  )

  app.post(
    '/environments/:id/start',
    {
      schema: {
        tags,
        summary: 'Start an environment',
        description:
          'If a package or a setting of a person broke it, start it with `{"safe": true}`: it gets a new container, without them.',
        params,
        body: startBody.nullish(),
        response: { 202: environmentBody },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { user_id, safe } = request.body ?? startBody.parse({})
      refuseForeignName(caller, user_id)
      const found = await change.act(caller, request.params.id, 'start', { safe })
      return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
    },
  )

  for (const action of actions) {
    app.post(
      `/environments/:id/${action}`,
      {
        schema: {
          tags,
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} an environment`,
          params,
          body: actionBody.nullish(),
          response: { 202: environmentBody },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        refuseForeignName(caller, request.body?.user_id)
        const found = await change.act(caller, request.params.id, action)
        return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
      },
    )
  }
}

function refuseForeignName(caller: Caller, userId: UserId | undefined): void {
  if (userId && !can(caller, 'environment:change', { owner: userId }))
    throw new Problem('forbidden', 'Only an administrator acts for others.')
}

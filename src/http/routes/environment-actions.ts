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
import { changeAndWait, prefer, type WaitUses } from '../wait.ts'

const actions = ['start', 'stop', 'restart', 'pause', 'resume'] as const satisfies Action[]
const body = z
  .strictObject({
    user_id: userId.optional().describe('The acting user, which the existing portals send: only oneself'),
  })
  .nullish()
const headers = z.object({ prefer })
const params = z.object({ id: z.string().max(200) })
const tags = ['environments']

/** The actions of people on an environment. Each call answers at once, unless it prefers to wait; the reconciler carries it out. */
export function environmentActionRoutes(
  app: App,
  { change, recreate, scene, ...uses }: { change: Change; recreate: Recreate; scene: () => Scene } & WaitUses,
): void {
  app.post(
    '/environments/:id/recreate',
    {
      schema: {
        tags,
        summary: 'Make its container anew: the same data, on the mounts it should have today',
        description: 'Files that are neither in `shared/` nor in `data/` are lost with the old container.',
        params,
        headers,
        body: recreateBody,
        response: { 202: environmentBody },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const found = await changeAndWait(request, reply, uses, () =>
        recreate(caller, request.params.id, request.body ?? {}),
      )
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
          headers,
          body,
          response: { 202: environmentBody },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        refuseForeignName(caller, request.body?.user_id)
        const found = await changeAndWait(request, reply, uses, () => change.act(caller, request.params.id, action))
        return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
      },
    )
  }
}

function refuseForeignName(caller: Caller, userId: UserId | undefined): void {
  if (userId && !can(caller, 'environment:change', { owner: userId }))
    throw new Problem('forbidden', 'Only an administrator acts for others.')
}

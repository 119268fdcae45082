import { z } from 'zod'
import type { Caller } from '../../domain/people/account.ts'
import { can } from '../../domain/people/can.ts'
import { type UserId, userId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import type { Action, Change } from '../../environments/change.ts'
import type { Recreate } from '../../environments/recreate.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import {
  environmentBody,
  environmentParams,
  recreateBody,
  type Scene,
  toEnvironmentBody,
} from '../schemas/environment.ts'
import { changeAndWait, prefer, type WaitUses } from '../wait.ts'

const actions = ['stop', 'restart', 'pause', 'resume'] as const satisfies Action[]
const actionBody = z.strictObject({
  user_id: userId
    .optional()
    .describe('The acting user, which the existing portals send: only oneself')
    .meta({ deprecated: true }),
})
const startBody = actionBody.extend({
  safe: z
    .boolean()
    .default(false)
    .describe(
      "Without the person's own packages and settings, in a new container; lasts until a start that is not safe",
    ),
})
const headers = z.object({ prefer })
const tags = ['environments']
const problems = ['environment-not-found', 'wrong-state', 'too-many-at-once'] as const
const accepted =
  'Accepted: `transition` says what is under way. If the request waited, it is as the wait has left it; it may have failed'

const descriptions = {
  stop: 'Ends its programs. Its data stays, and so do the files in its container.',
  restart: 'Stops it, and starts it again.',
  pause: 'Halts its programs where they are; they keep their memory. Only a running environment can be paused.',
  resume: 'Lets the programs of a paused environment go on.',
} as const satisfies Record<(typeof actions)[number], string>

/** The actions of people on an environment. Each call answers at once, unless it prefers to wait; the reconciler carries it out. */
export function environmentActionRoutes(
  app: App,
  { change, recreate, scene, ...uses }: { change: Change; recreate: Recreate; scene: () => Scene } & WaitUses,
): void {
  app.post(
    '/environments/:id/recreate',
    {
      config: { problems: [...problems, 'engine-unavailable'] },
      schema: {
        tags,
        operationId: 'recreateEnvironment',
        summary: 'Make its container anew: the same data, on the mounts it should have today',
        description: 'Files that are neither in `shared/` nor in `data/` are lost with the old container.',
        params: environmentParams,
        headers,
        body: recreateBody,
        response: { 202: answer(environmentBody, accepted, 'Preference-Applied') },
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

  app.post(
    '/environments/:id/start',
    {
      config: { problems },
      schema: {
        tags,
        operationId: 'startEnvironment',
        summary: 'Start an environment',
        description:
          'Also tries again to start one that has failed. If a package or a setting of a person broke it, start it with `{"safe": true}`: it gets a new container, without them.',
        params: environmentParams,
        headers,
        body: startBody.nullish(),
        response: { 202: answer(environmentBody, accepted, 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { user_id, safe } = request.body ?? startBody.parse({})
      refuseForeignName(caller, user_id)
      const found = await changeAndWait(request, reply, uses, () =>
        change.act(caller, request.params.id, 'start', { safe }),
      )
      return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
    },
  )

  for (const action of actions) {
    app.post(
      `/environments/:id/${action}`,
      {
        config: { problems },
        schema: {
          tags,
          operationId: `${action}Environment`,
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} an environment`,
          description: descriptions[action],
          params: environmentParams,
          headers,
          body: actionBody.nullish(),
          response: { 202: answer(environmentBody, accepted, 'Preference-Applied') },
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

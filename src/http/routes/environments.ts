import { z } from 'zod'
import type { Examiner } from '../../consistency/examine.ts'
import type { Action, Change } from '../../environments/change.ts'
import type { createEnvironments } from '../../environments/create.ts'
import type { Find, Found } from '../../environments/find.ts'
import type { Recreate } from '../../environments/recreate.ts'
import type { Watch } from '../../environments/watch.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { holdRight, type RightsUses, requireHeld } from '../hold-right.ts'
import { defaultLimit } from '../schemas/common.ts'
import {
  createBody,
  environmentBody,
  listBody,
  listQuery,
  renameBody,
  type Scene,
  toEnvironmentBody,
} from '../schemas/environment.ts'
import { mountsBody, toMountsBody } from '../schemas/proof.ts'

export type EnvironmentUses = {
  create: ReturnType<typeof createEnvironments>
  find: Find
  change: Change
  recreate: Recreate
  examiner: Examiner
  watch: Watch
  scene: () => Scene
} & RightsUses

const waitAtMostSeconds = 300
// Whoever asks again and again makes no more work than this.
const proofMaxAgeMs = 5_000
const actions = ['start', 'stop', 'restart', 'pause', 'resume'] as const satisfies Action[]
const params = z.object({ id: z.string().max(200) })
const tags = ['environments']

export function environmentRoutes(app: App, uses: EnvironmentUses): void {
  const { create, find, change, recreate, examiner, watch, scene } = uses
  const body = (found: Found, request: Parameters<typeof callerOf>[0]) =>
    toEnvironmentBody(found, callerOf(request), scene())

  app.post(
    '/environments',
    {
      schema: {
        tags,
        summary: 'Create an environment, and start it',
        description: 'Answers 202 at once. With `Prefer: wait=60` it answers when the environment runs or has failed.',
        headers: z.object({
          'idempotency-key': z
            .string()
            .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
            .optional(),
          prefer: z.string().optional(),
        }),
        body: createBody,
        response: { 202: environmentBody },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { template, name, user_id, resources } = request.body
      const { id } = await create(
        caller,
        {
          template,
          name,
          userId: user_id,
          resources: resources && {
            ...(resources.memory_bytes !== undefined && { memoryBytes: resources.memory_bytes }),
            ...(resources.cpu_cores !== undefined && { cpuCores: resources.cpu_cores }),
            ...(resources.gpus !== undefined && { gpus: resources.gpus }),
          },
        },
        { idempotencyKey: request.headers['idempotency-key'] ?? null },
      )
      const seconds = waitSeconds(request.headers.prefer)
      if (seconds > 0) reply.header('preference-applied', `wait=${seconds}`)
      const signal = holdRight(request, reply, uses)
      const found = await watch.untilSettled(caller, id, { limitMs: seconds * 1000, signal })
      requireHeld(signal)
      return reply.code(202).header('location', `/api/environments/${id}`).send(body(found, request))
    },
  )

  app.get(
    '/environments',
    {
      schema: { tags, summary: 'List environments, newest first', querystring: listQuery, response: { 200: listBody } },
    },
    async (request) => {
      const caller = callerOf(request)
      const { user_id, template, status, limit, cursor } = request.query
      const [createdAt, id] = cursor === undefined ? [null, null] : fromCursor(cursor, ['number', 'string'])
      const { items, next } = await find.page(
        caller,
        { userId: user_id, template, status },
        { after: createdAt === null ? null : { createdAt, id }, limit: limit ?? defaultLimit },
      )
      const now = scene()
      const bodies = items.map((each) => toEnvironmentBody(each, caller, now))
      return {
        items: bodies,
        next_cursor: next && toCursor([next.createdAt, next.id]),
        ...(limit === undefined && cursor === undefined && { environments: bodies }),
      }
    },
  )

  app.get(
    '/environments/:id',
    { schema: { tags, summary: 'One environment', params, response: { 200: environmentBody } } },
    async (request) => body(await find.one(callerOf(request), request.params.id), request),
  )

  app.patch(
    '/environments/:id',
    {
      schema: { tags, summary: 'Rename an environment', params, body: renameBody, response: { 200: environmentBody } },
    },
    async (request) => body(await change.rename(callerOf(request), request.params.id, request.body.name), request),
  )

  app.delete(
    '/environments/:id',
    { schema: { tags, summary: 'Delete an environment; its data stays', params, response: { 202: environmentBody } } },
    async (request, reply) => {
      const found = await change.act(callerOf(request), request.params.id, 'delete')
      return reply.code(202).send(body(found, request))
    },
  )

  app.get(
    '/environments/:id/mounts',
    {
      schema: {
        tags,
        summary: 'The proof for this environment, part by part',
        description: 'Looks anew when what is known is older than 5 seconds.',
        params,
        response: { 200: mountsBody },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { environment } = await find.one(caller, request.params.id)
      return toMountsBody(await examiner.examineOne(environment, proofMaxAgeMs), caller)
    },
  )

  app.post(
    '/environments/:id/recreate',
    {
      schema: {
        tags,
        summary: 'Make its container anew: the same data, on the mounts it should have today',
        description: 'Files that are neither in `shared/` nor in `data/` go with the old container.',
        params,
        response: { 202: environmentBody },
      },
    },
    async (request, reply) => {
      const found = await recreate(callerOf(request), request.params.id)
      return reply.code(202).send(body(found, request))
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
          response: { 202: environmentBody },
        },
      },
      async (request, reply) => {
        const found = await change.act(callerOf(request), request.params.id, action)
        return reply.code(202).send(body(found, request))
      },
    )
  }
}

/** The seconds of `Prefer: wait=60`, RFC 7240; 0 without it. */
function waitSeconds(prefer: string | undefined): number {
  const [, seconds = '0'] = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/i.exec(prefer ?? '') ?? []
  return Math.min(Number(seconds), waitAtMostSeconds)
}

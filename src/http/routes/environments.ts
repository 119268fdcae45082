import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Change } from '../../environments/change.ts'
import type { Find } from '../../environments/find.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import { defaultLimit } from '../schemas/common.ts'
import {
  environmentBody,
  environmentParams,
  listBody,
  listQuery,
  renameBody,
  type Scene,
  toEnvironmentBody,
} from '../schemas/environment.ts'
import { changeOrRemoveAndWait, prefer, type WaitUses } from '../wait.ts'
import { type PageAfter, wholeList } from '../whole-list.ts'

const tags = ['environments']

/** The records of environments: list them, get one, rename it, delete it. */
export function environmentRoutes(
  app: App,
  { find, change, scene, ...uses }: { find: Find; change: Change; scene: () => Scene } & WaitUses,
): void {
  app.get(
    '/environments',
    {
      schema: {
        tags,
        operationId: 'listEnvironments',
        summary: 'List environments, newest first',
        description: "Your own; for an administrator everybody's.",
        querystring: listQuery,
        response: { 200: answer(listBody, 'A page of environments') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { user_id, template, status, limit, cursor } = request.query
      const [createdAt, id] = cursor === undefined ? [null, null] : fromCursor(cursor, ['number', 'string'])
      const now = scene()
      const pageAfter: PageAfter = async (after, limit) => {
        const { items, next } = await find.page(caller, { userId: user_id, template, status }, { after, limit })
        return { bodies: items.map((each) => toEnvironmentBody(each, caller, now)), next }
      }
      const page = await pageAfter(createdAt === null ? null : { createdAt, id }, limit ?? defaultLimit)
      const { bodies, next } = page
      const list = { items: bodies, next_cursor: next && toCursor([next.createdAt, next.id]) }
      if (limit !== undefined || cursor !== undefined) return list
      if (next === null) return { ...list, environments: bodies }
      const signal = holdRight(request, reply, { rights: uses.rights })
      return reply.type('application/json').send(Readable.from(wholeList(list, page, pageAfter, { signal })) as never)
    },
  )

  app.get(
    '/environments/:id',
    {
      config: { problems: ['environment-not-found'] },
      schema: {
        tags,
        operationId: 'getEnvironment',
        summary: 'One environment',
        params: environmentParams,
        response: { 200: answer(environmentBody, 'The environment') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      return toEnvironmentBody(await find.one(caller, request.params.id), caller, scene())
    },
  )

  app.patch(
    '/environments/:id',
    {
      config: { problems: ['environment-not-found', 'wrong-state'] },
      schema: {
        tags,
        operationId: 'renameEnvironment',
        summary: 'Rename an environment',
        params: environmentParams,
        body: renameBody,
        response: { 200: answer(environmentBody, 'The environment, with its new name') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      return toEnvironmentBody(await change.rename(caller, request.params.id, request.body.name), caller, scene())
    },
  )

  app.delete(
    '/environments/:id',
    {
      config: { problems: ['environment-not-found', 'wrong-state', 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'deleteEnvironment',
        summary: 'Delete an environment; its data stays',
        description: 'Answers 202 at once. With `Prefer: wait=55` it answers 204 when the environment is gone.',
        params: environmentParams,
        headers: z.object({ prefer }),
        response: {
          202: answer(environmentBody, 'It is being deleted', 'Preference-Applied'),
          204: answer(z.null(), 'It is gone: the request waited for it', 'Preference-Applied'),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const remove = () => change.act(caller, request.params.id, 'delete')
      const found = await changeOrRemoveAndWait(request, reply, uses, remove)
      if (!found) return reply.code(204).send(null)
      return reply.code(202).send(toEnvironmentBody(found, caller, scene()))
    },
  )
}

import { z } from 'zod'
import type { Users } from '../../accounts/users.ts'
import { type UserId, userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { addUserBody, changeUserBody, toUserBody, userBody } from '../schemas/account.ts'
import { defaultLimit, nextCursor, pageQuery } from '../schemas/common.ts'

const tags = ['users']
const action = 'users:manage'
const params = z.object({ id: userId.describe('The id of the person') })

export function userRoutes(app: App, { users }: { users: Omit<Users, 'remove' | 'shutOut'> }): void {
  app.post(
    '/users',
    {
      config: { action, problems: ['user-exists', 'unknown-tier'] },
      schema: {
        tags,
        operationId: 'createUser',
        summary: 'Add a user',
        body: addUserBody,
        response: { 201: answer(userBody, 'The new user', 'Location') },
      },
    },
    async (request, reply) => {
      const user = await users.add(callerOf(request), request.body)
      return reply.code(201).header('location', `/api/users/${user.id}`).send(toUserBody(user))
    },
  )

  app.get(
    '/users',
    {
      config: { action },
      schema: {
        tags,
        operationId: 'listUsers',
        summary: 'List users by id',
        querystring: pageQuery,
        response: { 200: answer(z.object({ items: z.array(userBody), next_cursor: nextCursor }), 'A page of users') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const after = cursor === undefined ? null : (fromCursor(cursor, ['string'])[0] as UserId)
      const { items, next } = await users.page({ after, limit: limit ?? defaultLimit })
      return { items: items.map(toUserBody), next_cursor: next && toCursor([next]) }
    },
  )

  app.get(
    '/users/:id',
    {
      config: { action, problems: ['user-not-found'] },
      schema: {
        tags,
        operationId: 'getUser',
        summary: 'One user',
        params,
        response: { 200: answer(userBody, 'The user') },
      },
    },
    async (request) => toUserBody(await users.one(request.params.id)),
  )

  app.patch(
    '/users/:id',
    {
      config: { action, problems: ['user-not-found', 'unknown-tier', 'wrong-state', 'last-credential'] },
      schema: {
        tags,
        operationId: 'updateUser',
        summary: "Change a user's role or tier, or disable them",
        params,
        body: changeUserBody,
        response: { 200: answer(userBody, 'The user, changed') },
      },
    },
    async (request) => toUserBody(await users.change(callerOf(request), request.params.id, request.body)),
  )
}

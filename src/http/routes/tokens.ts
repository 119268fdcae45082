import { z } from 'zod'
import type { Tokens } from '../../accounts/tokens.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromTimeCursor, toTimeCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { issuedTokenBody, issueTokenBody, tokenBody, toTokenBody } from '../schemas/account.ts'
import { defaultLimit, nextCursor, pageQuery } from '../schemas/common.ts'

const tags = ['tokens']

export function tokenRoutes(app: App, { tokens }: { tokens: Tokens }): void {
  app.post(
    '/tokens',
    {
      config: { problems: ['user-not-found', 'too-many-tokens'] },
      schema: {
        tags,
        operationId: 'createToken',
        summary: 'Make an API token; its secret is shown only this once',
        body: issueTokenBody,
        response: { 201: answer(issuedTokenBody, 'The token, with its secret') },
      },
    },
    async (request, reply) => {
      const { name, user_id, role, scopes, expires_in_seconds } = request.body
      const expiresInMs = expires_in_seconds === null ? null : expires_in_seconds * 1000
      const asked = { name, role, scopes, userId: user_id, expiresInMs }
      const { token, secret } = await tokens.issue(callerOf(request), asked)
      return reply.code(201).send({ ...toTokenBody(token), token: secret })
    },
  )

  app.get(
    '/tokens',
    {
      schema: {
        tags,
        operationId: 'listTokens',
        summary: "One's own API tokens, or another's for an administrator, oldest first",
        description: 'Leaves out tokens that have more rights, or a longer life, than the token that asks.',
        querystring: pageQuery.extend({ user_id: userId.optional().describe('Whose tokens; administrators only') }),
        response: { 200: answer(z.object({ items: z.array(tokenBody), next_cursor: nextCursor }), 'A page of tokens') },
      },
    },
    async (request) => {
      const { user_id, limit, cursor } = request.query
      const { items, next } = await tokens.page(callerOf(request), user_id, {
        after: fromTimeCursor(cursor),
        limit: limit ?? defaultLimit,
      })
      return { items: items.map(toTokenBody), next_cursor: toTimeCursor(next) }
    },
  )

  app.delete(
    '/tokens/:id',
    {
      config: { problems: ['token-not-found', 'last-credential'] },
      schema: {
        tags,
        operationId: 'revokeToken',
        summary: 'Revoke an API token',
        params: z.object({ id: z.string().max(64).describe('The id of the token') }),
        response: { 204: answer(z.null(), 'It is revoked, and works no more') },
      },
    },
    async (request, reply) => {
      await tokens.revoke(callerOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

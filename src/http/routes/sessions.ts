import { z } from 'zod'
import type { Sessions } from '../../accounts/sessions.ts'
import type { SignIn } from '../../accounts/sign-in.ts'
import { userId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import type { SecretCookie } from '../../wire/secret-cookie.ts'
import type { App } from '../app-type.ts'
import { callerOf, requireNoOtherPage } from '../authenticate.ts'
import { fromTimeCursor, toTimeCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { fromOf } from '../from-of.ts'
import { meBody, sessionBody, signInBody, toMeBody, toSessionBody } from '../schemas/account.ts'
import { defaultLimit, nextCursor, pageQuery } from '../schemas/common.ts'

const tags = ['sessions']

export function signInRoutes(
  app: App,
  { signIn, cookie, publicUrl }: { signIn: SignIn; cookie: SecretCookie; publicUrl: string },
): void {
  app.post(
    '/session',
    {
      config: { problems: ['sign-in-failed', 'of-another-origin', 'too-many-sign-ins', 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'signIn',
        security: [],
        summary: 'Sign in with a password; sets the cookie of the session',
        body: signInBody,
        response: { 200: answer(meBody, 'Signed in', 'Set-Cookie') },
      },
    },
    async (request, reply) => {
      requireNoOtherPage(request, publicUrl)
      const { user_id, password } = request.body
      const asked = { userId: user_id, password, ...fromOf(request, cookie) }
      const { account, secret, expiresAt } = await signIn(asked)
      reply.header('set-cookie', cookie.set(secret))
      return toMeBody({ ...account, userId: account.id, kind: 'session', scopes: null }, expiresAt)
    },
  )
}

export function sessionRoutes(app: App, { sessions, cookie }: { sessions: Sessions; cookie: SecretCookie }): void {
  app.delete(
    '/session',
    {
      config: { problems: ['session-not-found'] },
      schema: {
        tags,
        operationId: 'signOut',
        summary: 'Sign out: end the session of this request',
        response: { 204: answer(z.null(), 'Signed out', 'Set-Cookie') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      if (caller.kind !== 'session') throw new Problem('session-not-found', 'This request has a token and no session.')
      await sessions.end(caller, caller.credentialId)
      return reply.code(204).header('set-cookie', cookie.clear()).send(null)
    },
  )

  app.get(
    '/me',
    {
      schema: {
        tags,
        operationId: 'getMe',
        summary: 'Who one is, and with which credential',
        response: { 200: answer(meBody, 'The caller') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      return toMeBody(caller, await sessions.endOf(caller))
    },
  )

  app.get(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'listSessions',
        summary: 'Where one is signed in, or another for an administrator, oldest first',
        querystring: pageQuery.extend({ user_id: userId.optional().describe('Whose sessions; administrators only') }),
        response: {
          200: answer(z.object({ items: z.array(sessionBody), next_cursor: nextCursor }), 'A page of sessions'),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { user_id, limit, cursor } = request.query
      const page = { after: fromTimeCursor(cursor), limit: limit ?? defaultLimit }
      const { items, next } = await sessions.page(caller, user_id, page)
      return { items: items.map((session) => toSessionBody(session, caller)), next_cursor: toTimeCursor(next) }
    },
  )

  app.delete(
    '/sessions/:id',
    {
      config: { problems: ['session-not-found'] },
      schema: {
        tags,
        operationId: 'endSession',
        summary: 'End a session',
        params: z.object({ id: z.string().max(64).describe('The id of the session') }),
        response: { 204: answer(z.null(), 'It has ended') },
      },
    },
    async (request, reply) => {
      await sessions.end(callerOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

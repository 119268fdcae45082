import { z } from 'zod'
import type { Invitations } from '../../accounts/invitations.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { invitationBody } from '../schemas/account.ts'
import { isoTime } from '../schemas/common.ts'

export type InvitationUses = { invitations: Invitations; urlOf: (code: string) => string }

export function invitationRoutes(app: App, { invitations, urlOf }: InvitationUses): void {
  app.post(
    '/users/:id/invitation',
    {
      config: { action: 'invitation:make', problems: ['user-not-found', 'wrong-state'] },
      schema: {
        tags: ['users'],
        operationId: 'createInvitation',
        summary: 'Make a link that signs a person in once, within a day, and lets them choose a password',
        description: 'It takes the place of an earlier link for that person.',
        params: z.object({ id: userId.describe('The id of the person') }),
        response: { 201: answer(invitationBody, 'The link') },
      },
    },
    async (request, reply) => {
      const { code, expiresAt } = await invitations.make(callerOf(request), request.params.id)
      return reply.code(201).send({ url: urlOf(code), expires: isoTime(expiresAt) })
    },
  )
}

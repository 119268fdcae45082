import { z } from 'zod'
import type { Passwords } from '../../accounts/passwords.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { setPasswordBody } from '../schemas/account.ts'

export function passwordRoutes(app: App, { passwords }: { passwords: Passwords }): void {
  app.put(
    '/users/:id/password',
    {
      config: { problems: ['user-not-found', 'wrong-state', 'too-many-sign-ins', 'too-many-at-once'] },
      schema: {
        tags: ['users'],
        operationId: 'setPassword',
        summary: "Set one's own password, or another's for an administrator; ends that person's other sessions",
        params: z.object({ id: userId.describe('The id of the person') }),
        body: setPasswordBody,
        response: { 204: answer(z.null(), 'The new password counts') },
      },
    },
    async (request, reply) => {
      const { password, current_password: current } = request.body
      await passwords.set(callerOf(request), request.params.id, { password, current, address: request.ip })
      return reply.code(204).send(null)
    },
  )
}

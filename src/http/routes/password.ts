import { z } from 'zod'
import type { Passwords } from '../../accounts/passwords.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { setPasswordBody } from '../schemas/account.ts'

export function passwordRoutes(app: App, { passwords }: { passwords: Passwords }): void {
  app.put(
    '/users/:id/password',
    {
      schema: {
        tags: ['users'],
        summary: "Set one's own password, or another's for an administrator; ends that person's other sessions",
        params: z.object({ id: userId }),
        body: setPasswordBody,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { password, current_password: current } = request.body
      await passwords.set(callerOf(request), request.params.id, { password, current, address: request.ip })
      return reply.code(204).send(null)
    },
  )
}

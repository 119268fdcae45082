import { z } from 'zod'
import type { BeginRemoval } from '../../accounts/begin-removal.ts'
import type { Users } from '../../accounts/users.ts'
import { environmentsChoice, folderChoice, isLong } from '../../domain/people/removal.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { jobBody } from '../schemas/job.ts'
import { prefer } from '../wait.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const choices = z.strictObject({
  environments: environmentsChoice
    .default('keep')
    .describe('`keep`: refused while the user has environments. `delete`: they are deleted; no file of the user is'),
  folder: folderChoice
    .default('keep')
    .describe(
      'What becomes of `users/<id>/`. `keep`: it stays, and a user of the same id who is added later gets it. `trash`: it goes to the trash, and an administrator can bring it back from there',
    ),
})

export type RemovalUses = { users: Pick<Users, 'remove'>; beginRemoval: BeginRemoval } & JobsUses

export function removeUserRoute(app: App, { users, beginRemoval, ...waiting }: RemovalUses): void {
  app.delete(
    '/users/:id',
    {
      config: {
        action: 'users:manage',
        problems: ['user-not-found', 'wrong-state', 'last-credential', 'job-under-way', 'too-many-at-once'],
      },
      schema: {
        tags: ['users'],
        operationId: 'deleteUser',
        summary: 'Remove a user with their tokens; you choose what becomes of their environments and their folder',
        description:
          'Without choices, refused (409) while the user has environments, or while a job removes the user; `detail` names these. With one of the other choices, the user is disabled at once, and a job does the rest: the account goes last. Cancelled or failed before that, the job leaves the account disabled, and says what is done; the call can be repeated.',
        params: z.object({ id: userId.describe('The id of the person') }),
        querystring: choices,
        headers: z.object({ prefer }),
        response: {
          202: answer(jobBody, 'The removal has begun, as a job', 'Location', 'Preference-Applied'),
          204: answer(z.null(), 'The user is removed'),
        },
      },
    },
    async (request, reply) => {
      const { params, query } = request
      const caller = callerOf(request)
      if (isLong(query)) return answerBegun(request, reply, waiting, () => beginRemoval(caller, params.id, query))
      await users.remove(caller, params.id)
      return reply.code(204).send(null)
    },
  )
}

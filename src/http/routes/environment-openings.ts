import { z } from 'zod'
import type { Openings } from '../../environments/openings.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { isoTime, time } from '../schemas/common.ts'
import { environmentParams } from '../schemas/environment.ts'

const openingsBody = z.object({
  items: z.array(
    z.object({
      user_id: z.string().describe('The administrator'),
      by: z.enum(['browser', 'token']),
      at: time.describe('For a token the first request in an hour'),
    }),
  ),
})

export function environmentOpeningsRoute(app: App, { openings }: { openings: Pick<Openings, 'of'> }): void {
  app.get(
    '/environments/:id/openings',
    {
      config: { problems: ['environment-not-found'] },
      schema: {
        tags: ['environments'],
        operationId: 'listEnvironmentOpenings',
        summary: 'The administrators who opened it though it is not theirs: the last hundred times, newest first',
        params: environmentParams,
        response: { 200: answer(openingsBody, 'Who opened it, and when') },
      },
    },
    async (request) => {
      const items = await openings.of(callerOf(request), request.params.id)
      return { items: items.map(({ userId, by, at }) => ({ user_id: userId, by, at: isoTime(at) })) }
    },
  )
}

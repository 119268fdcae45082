import { z } from 'zod'
import type { Openings } from '../../environments/openings.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { isoTime, time } from '../schemas/common.ts'

const params = z.object({ id: z.string().max(200) })
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
      schema: {
        tags: ['environments'],
        summary: 'The administrators who opened it though it is not theirs: the last hundred times, newest first',
        params,
        response: { 200: openingsBody },
      },
    },
    async (request) => {
      const items = await openings.of(callerOf(request), request.params.id)
      return { items: items.map(({ userId, by, at }) => ({ user_id: userId, by, at: isoTime(at) })) }
    },
  )
}

import type { Openings } from '../../environments/openings.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { isoTime } from '../schemas/common.ts'
import { environmentParams } from '../schemas/environment.ts'
import { environmentOpeningsBody } from '../schemas/opening.ts'

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
        response: { 200: answer(environmentOpeningsBody, 'Who opened it, and when') },
      },
    },
    async (request) => {
      const items = await openings.of(callerOf(request), request.params.id)
      return { items: items.map(({ userId, by, at }) => ({ user_id: userId, by, at: isoTime(at) })), next_cursor: null }
    },
  )
}

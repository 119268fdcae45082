import { z } from 'zod'
import type { Visits } from '../../accounts/visits.ts'
import type { EnvironmentsUrl } from '../../domain/gateway/environments-url.ts'
import { openTarget } from '../../domain/gateway/open-target.ts'
import { ownPath } from '../../domain/people/own-path.ts'
import { Problem } from '../../domain/problem.ts'
import type { Find } from '../../environments/find.ts'
import type { App } from '../app-type.ts'
import { type Authenticate, nullIfSignedOut } from '../authenticate.ts'

/** Hands a person who is signed in over to the origin of an environment. */
export function openRoute(
  app: App,
  uses: {
    find: Pick<Find, 'one'>
    visits: Pick<Visits, 'begin'>
    environments: EnvironmentsUrl
    authenticate: Authenticate
    publicUrl: string
  },
): void {
  const { find, visits, environments, authenticate } = uses
  app.get(
    '/open/:id',
    {
      schema: {
        tags: ['environments'],
        summary:
          "Open an environment in a browser: goes on to the environment's own origin, after a sign-in if need be",
        params: z.object({ id: z.string().max(200) }),
        querystring: z.object({ next: z.string().optional() }),
        response: { 303: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const wanted = ownPath(request.query.next)
      reply.header('cache-control', 'no-store').code(303)
      const caller = await authenticate(request).catch(nullIfSignedOut)
      if (!caller) {
        const here = `/open/${id}${wanted === null ? '' : `?next=${encodeURIComponent(wanted)}`}`
        return reply.header('location', `/sign-in?next=${encodeURIComponent(here)}`).send(null)
      }
      const { environment } = await find.one(caller, id, 'environment:open')
      if (environment.userId !== caller.userId) {
        throw new Problem('forbidden', 'This is the environment of another person. Ask for it with an API token.')
      }
      const origin = environments.originOf(id)
      if (environments.pattern === null) {
        throw new Problem(
          'wrong-state',
          'This lab has no address for environments yet. An administrator sets ENVIRONMENTS_URL.',
        )
      }
      if (origin === null) {
        throw new Problem('wrong-state', `${id} cannot be part of a host name, so no browser can open it. Clone it.`)
      }
      const code = await visits.begin(caller, id)
      const next = encodeURIComponent(wanted ?? openTarget(environment.launch))
      return reply.header('location', `${origin}/.ai-lab/enter?code=${code}&next=${next}`).send(null)
    },
  )
}

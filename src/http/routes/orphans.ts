import { z } from 'zod'
import type { Rights } from '../../accounts/rights.ts'
import type { Caller } from '../../domain/people/account.ts'
import { requireRight } from '../../domain/people/can.ts'
import type { Find } from '../../environments/find.ts'
import type { Orphans } from '../../environments/orphans.ts'
import { whileHeld } from '../../lib/while-held.ts'
import type { App } from '../app-type.ts'
import { callerOf, forAdministrators } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { environmentBody, type Scene, toEnvironmentBody } from '../schemas/environment.ts'
import { adoptBody, orphansBody, toOrphanBody } from '../schemas/orphan.ts'

const tags = ['data']

export function orphanRoutes(
  app: App,
  {
    orphans,
    find,
    scene,
    takePlace,
    rights,
    asOfNow,
  }: {
    orphans: Orphans
    find: Find
    scene: () => Scene
    takePlace: TakePlace
    rights: Rights
    /** The caller with the rights of this moment. @throws Problem unauthenticated */
    asOfNow: (caller: Caller) => Promise<Caller>
  },
): void {
  app.get(
    '/data/orphans',
    {
      config: { action: 'container:adopt', problems: ['too-many-at-once', 'engine-unavailable'] },
      schema: {
        tags,
        operationId: 'listOrphans',
        summary: 'Containers of environments that have no record',
        description:
          'And those of an earlier platform whose owners were imported. The service never removes one on a guess.',
        response: { 200: answer(orphansBody, 'All of them, on one page') },
      },
    },
    async (request, reply) => {
      using _place = takePlace('proofs', callerOf(request))
      const signal = holdRight(request, reply, { rights })
      return { items: (await whileHeld(orphans.list(), signal)).map(toOrphanBody), next_cursor: null }
    },
  )

  app.post(
    '/data/orphans/:id/adopt',
    {
      config: {
        action: 'container:adopt',
        problems: ['not-found', 'user-not-found', 'wrong-state', 'unknown-template', 'engine-unavailable'],
      },
      schema: {
        tags,
        operationId: 'adoptOrphan',
        summary: 'Give such a container a record again',
        params: z.object({ id: z.string().max(200).describe('The name of the container') }),
        body: adoptBody,
        response: { 201: answer(environmentBody, 'The environment that it is again', 'Location') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { user_id, template } = request.body ?? {}
      const requireStill = async () => requireRight(await asOfNow(caller), 'container:adopt', {}, forAdministrators)
      const { id } = await orphans.adopt(request.params.id, { userId: user_id, template }, requireStill)
      const body = toEnvironmentBody(await find.one(caller, id, 'container:adopt'), caller, scene())
      return reply.code(201).header('location', `/api/environments/${id}`).send(body)
    },
  )
}

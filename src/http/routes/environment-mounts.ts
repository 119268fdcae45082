import type { Rights } from '../../accounts/rights.ts'
import type { Examiner } from '../../consistency/examine.ts'
import type { Find } from '../../environments/find.ts'
import { whileHeld } from '../../lib/while-held.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { environmentParams } from '../schemas/environment.ts'
import { mountsBody, toMountsBody } from '../schemas/proof.ts'

// A client that asks again and again causes no more work than this.
const proofMaxAgeMs = 5_000
const tags = ['environments']

export function environmentMountsRoute(
  app: App,
  { find, examiner, takePlace, rights }: { find: Find; examiner: Examiner; takePlace: TakePlace; rights: Rights },
): void {
  app.get(
    '/environments/:id/mounts',
    {
      config: { problems: ['environment-not-found', 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'getEnvironmentMounts',
        summary: 'The proof for this environment, part by part',
        description: 'Looks again if the last look is more than 5 seconds old.',
        params: environmentParams,
        response: { 200: answer(mountsBody, 'The proof for it') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('proofs', caller)
      const { environment } = await find.one(caller, request.params.id)
      const signal = holdRight(request, reply, { rights })
      return toMountsBody(await whileHeld(examiner.examineOne(environment, proofMaxAgeMs), signal), caller)
    },
  )
}

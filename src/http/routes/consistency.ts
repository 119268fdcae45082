import type { Rights } from '../../accounts/rights.ts'
import type { Examiner } from '../../consistency/examine.ts'
import type { Examination } from '../../domain/proof/examination.ts'
import type { Proof } from '../../domain/proof/proof.ts'
import { Pace } from '../../lib/pace.ts'
import { Sharing } from '../../lib/sharing.ts'
import { whileHeld } from '../../lib/while-held.ts'
import type { Clock } from '../../ports/clock.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { holdRight } from '../hold-right.ts'
import type { TakePlace } from '../places.ts'
import { consistencyBody, type RootPlace, toConsistencyBody } from '../schemas/proof.ts'

const tags = ['data']

export function consistencyRoutes(
  app: App,
  {
    examiner,
    dataRoot,
    latestProof,
    takePlace,
    rights,
    clock,
  }: {
    examiner: Examiner
    dataRoot: RootPlace
    latestProof: () => Proof | null
    takePlace: TakePlace
    rights: Rights
    clock: Clock
  },
): void {
  // A person who asks without end would take the engine's time from those who start an environment.
  const pace = new Pace(clock)
  const asked = new Sharing<Examination>()

  app.get(
    '/data/consistency',
    {
      config: { action: 'data:prove' },
      schema: {
        tags,
        operationId: 'getConsistency',
        summary: 'The newest result of the whole proof',
        description: 'Each finding has a code, both paths, and what to do. `POST` proves anew.',
        response: { 200: answer(consistencyBody, 'The newest result') },
      },
    },
    async () => toConsistencyBody(examiner.latest(), latestProof(), dataRoot),
  )

  app.post(
    '/data/consistency',
    {
      config: { action: 'data:prove', problems: ['too-many-at-once', 'engine-unavailable'] },
      schema: {
        tags,
        operationId: 'proveConsistency',
        summary: 'Prove everything now',
        response: { 200: answer(consistencyBody, 'The result of a proof that began after the request') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('proofs', caller)
      const signal = holdRight(request, reply, { rights })
      const run = asked.run(caller.userId, () => pace.run(caller.userId, examiner.examine))
      const examination = await whileHeld(run, signal)
      return toConsistencyBody(examination, examination.root, dataRoot)
    },
  )
}

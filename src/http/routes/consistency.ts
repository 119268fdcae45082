import type { Examiner } from '../../consistency/examine.ts'
import type { Proof } from '../../domain/proof/proof.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
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
  }: { examiner: Examiner; dataRoot: RootPlace; latestProof: () => Proof | null; takePlace: TakePlace },
): void {
  app.get(
    '/data/consistency',
    {
      config: { action: 'data:prove' },
      schema: {
        tags,
        summary: 'The newest result of the whole proof',
        description: 'Each finding has a code, both paths, and what to do. `POST` proves anew.',
        response: { 200: consistencyBody },
      },
    },
    async () => toConsistencyBody(examiner.latest(), latestProof(), dataRoot),
  )

  app.post(
    '/data/consistency',
    {
      config: { action: 'data:prove' },
      schema: { tags, summary: 'Prove everything now', response: { 200: consistencyBody } },
    },
    async (request) => {
      using _place = takePlace('proofs', callerOf(request))
      const examination = await examiner.examine()
      return toConsistencyBody(examination, examination.root, dataRoot)
    },
  )
}

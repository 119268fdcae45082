import type { Examiner } from '../../consistency/examine.ts'
import type { Proof } from '../../domain/proof/proof.ts'
import type { App } from '../app-type.ts'
import { consistencyBody, type RootPlace, toConsistencyBody } from '../schemas/proof.ts'

const tags = ['data']

export function consistencyRoutes(
  app: App,
  { examiner, dataRoot, latestProof }: { examiner: Examiner; dataRoot: RootPlace; latestProof: () => Proof | null },
): void {
  app.get(
    '/data/consistency',
    {
      config: { action: 'data:prove' },
      schema: {
        tags,
        summary: 'The whole proof, as it was found at last',
        description: 'Each finding has a code, both paths, and what to do. `POST` finds anew.',
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
    async () => {
      const examination = await examiner.examine()
      return toConsistencyBody(examination, examination.root, dataRoot)
    },
  )
}

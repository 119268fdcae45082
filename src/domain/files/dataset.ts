/** Datasets: folders below `shared/datasets/`, each with an optional `dataset.yaml` that says what it is. Pure. */
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { type FilePath, filePath } from './file-path.ts'

/** The folder of all datasets, in `shared/`. */
export const datasetsFolder: FilePath = ['datasets']

export const datasetFile = 'dataset.yaml'

const line = z.string().trim().max(1_000)
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'write a SHA-256: 64 hexadecimal digits')
  .transform((text) => text.toLowerCase())
const path = z.string().refine(isPath, 'write the path of a file in the dataset')

const facts = z.object({
  title: line.optional(),
  description: z.string().max(20_000).optional(),
  licence: line.optional(),
  source: line.optional(),
  checksums: z.record(path, sha256).optional(),
})

/** What a dataset says about itself. Names that are not known are left out. */
export type DatasetFacts = z.infer<typeof facts>

/** Reads what stands in a `dataset.yaml`; a sentence if it has another form. */
export function readFacts(content: unknown): DatasetFacts | { wrong: string } {
  const { success, data, error } = facts.safeParse(content ?? {})
  if (success) return data
  const [issue] = error.issues
  return { wrong: `${issue?.path.join('.') || datasetFile}: ${issue?.message}` }
}

/** The name of a dataset is that of its folder. @throws Problem invalid-request */
export function datasetPath(name: string): FilePath {
  const names = filePath(name)
  if (names.length === 1) return [...datasetsFolder, ...names]
  throw new Problem('invalid-request', 'A dataset has the name of one folder.', {
    errors: [{ pointer: '/name', detail: 'write one name, without a slash' }],
  })
}

function isPath(text: string): boolean {
  try {
    return filePath(text).length > 0
  } catch {
    return false // filePath says why to those who ask it; here the schema has words of its own
  }
}

import { expect, test } from 'vitest'
import type { Job } from '../../../src/domain/jobs/job.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { createRunVerify } from '../../../src/files/datasets.ts'
import { callerNamed } from '../../support/caller.ts'

// Trouble (files): a person is disabled while their verification reads a large dataset, and nobody else can verify one
test('a verification ends before the next file when its person has lost the right', async () => {
  const read: string[] = []
  const file = { entry: { sizeBytes: 0 }, read: () => [], [Symbol.asyncDispose]: async () => {} }
  const run = createRunVerify({
    trees: {
      look: async () => null,
      open: async (_tree: unknown, path: readonly string[]) => {
        read.push(path.at(-1) ?? '')
        return file
      },
    } as unknown as Parameters<typeof createRunVerify>[0]['trees'],
    factsOf: async () => ({ checksums: { a: 'x', b: 'x', c: 'x' } }),
    async callerNow(id) {
      if (read.length < 2) return callerNamed(id)
      throw new Problem('forbidden', 'The account is disabled.')
    },
    sha256Of: async () => 'x',
  })
  const job = { userId: 'alice', input: { name: 'weather' } } as unknown as Job
  const { signal } = new AbortController()
  await expect(run(job, { signal, tell: () => {} })).rejects.toMatchObject({ code: 'forbidden' })
  expect(read).toEqual(['a', 'b'])
})

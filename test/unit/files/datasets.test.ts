import { expect, test } from 'vitest'
import type { Verification } from '../../../src/domain/files/verification.ts'
import { type Job, type Progress, percentOf } from '../../../src/domain/jobs/job.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { createDatasets, createRunVerify } from '../../../src/files/datasets.ts'
import { toDatasetBody } from '../../../src/http/schemas/dataset.ts'
import { sha256OfPieces } from '../../../src/lib/sha256.ts'
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

// Trouble (files): a dataset is one huge file, and its verification shows 0 % to the end
test('a verification tells how much it has read while it reads a file', async () => {
  const contents: Record<string, Buffer[]> = {
    'big.bin': ['abc', 'def', 'gh'].map((piece) => Buffer.from(piece)),
    'small.bin': [Buffer.from('ij')],
  }
  const run = createRunVerify({
    trees: {
      async look(_tree: unknown, path: readonly string[]) {
        const content = contents[path.at(-1) ?? ''] ?? [Buffer.from('klmno')] // gone before it is read
        return { kind: 'file', sizeBytes: Buffer.concat(content).length }
      },
      async open(_tree: unknown, path: readonly string[]) {
        const content = contents[path.at(-1) ?? '']
        if (!content) throw new Problem('file-not-found', 'There is no such file.')
        return { entry: {}, read: () => content, [Symbol.asyncDispose]: async () => {} }
      },
    } as unknown as Parameters<typeof createRunVerify>[0]['trees'],
    factsOf: async () => ({ checksums: { 'big.bin': 'x', 'gone.bin': 'x', 'small.bin': 'x' } }),
    callerNow: async (id) => callerNamed(id),
    sha256Of: sha256OfPieces,
  })
  const job = { userId: 'alice', input: { name: 'weather' } } as unknown as Job
  const told: unknown[] = []
  const tell = (progress: Progress) => told.push([progress.doing, percentOf(progress), progress.doneFiles])
  await run(job, { signal: new AbortController().signal, tell })
  expect(told).toEqual([
    ['counting', 0, 0],
    ...[0, 20, 40, 53].map((percent) => ['big.bin', percent, 0]),
    ['gone.bin', 53, 1],
    ...[53, 66].map((percent) => ['small.bin', percent, 2]),
    ['small.bin', 100, 3],
  ])
})

test('a verification of a dataset without its files lists a thousand of them, and its figures count all', async () => {
  const checksums = Object.fromEntries(Array.from({ length: 1_003 }, (_, at) => [`part-${at}.csv`, 'x']))
  const run = createRunVerify({
    trees: {
      look: async () => null,
      open: async () => {
        throw new Problem('file-not-found', 'There is no such file.')
      },
    } as unknown as Parameters<typeof createRunVerify>[0]['trees'],
    factsOf: async () => ({ checksums }),
    callerNow: async (id) => callerNamed(id),
    sha256Of: async () => 'x',
  })
  const job = { userId: 'alice', input: { name: 'weather' } } as unknown as Job
  const found = (await run(job, { signal: new AbortController().signal, tell: () => {} })) as Verification
  expect([found.missing.length, found.unlisted_missing]).toEqual([1_000, 3])
  const dataset = {
    name: 'weather',
    modifiedAt: 0,
    facts: { checksums },
    trouble: null,
    lastVerified: { at: 0, found },
  }
  const told = toDatasetBody(dataset, null).last_verified?.found
  expect(told).toMatchObject({ verified: 0, differ: 0, missing: 1_003 })
})

// Trouble (files): after an upgrade each dataset that was verified before counts as changed, though nobody touched it
test('a verification from before versions were recorded tells nothing of the dataset', async () => {
  const lastVerifiedBy = async (result: object) => {
    const job = { endedAt: 7, result } as unknown as Job
    const datasets = createDatasets({
      trees: { look: async () => ({ name: 'rain', kind: 'folder', version: '2' }) },
      factsOf: async () => ({}),
      newestVerifications: async (keys: readonly string[]) => new Map(keys.map((key) => [key, job])),
    } as unknown as Parameters<typeof createDatasets>[0])
    return (await datasets.one(callerNamed('alice'), 'rain')).lastVerified
  }
  const found = { verified: 1, differ: [], missing: [] }
  expect(await lastVerifiedBy(found)).toBeNull()
  expect(await lastVerifiedBy({ ...found, of: '1 1' })).toEqual({ at: 7, found: null })
  expect(await lastVerifiedBy({ ...found, of: '2 2' })).toMatchObject({ at: 7, found })
})

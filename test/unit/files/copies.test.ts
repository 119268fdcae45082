import { expect, test } from 'vitest'
import type { Entry } from '../../../src/domain/files/entry.ts'
import { keepCopy } from '../../../src/domain/files/place.ts'
import { sharedTree } from '../../../src/domain/files/tree.ts'
import type { Job, JobData } from '../../../src/domain/jobs/job.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { requireStorage } from '../../../src/domain/usage/standing.ts'
import { createRunCopy } from '../../../src/files/copies.ts'
import { createFiles } from '../../../src/files/files.ts'

const alice = userId.parse('alice')
const from = { tree: sharedTree, path: ['a'] }
const to = { tree: { kind: 'person', userId: alice } as const, path: ['b'] }
const job: Job = {
  ...{
    id: 'j',
    kind: 'copy',
    userId: alice,
    title: '',
    input: keepCopy({ from, to }),
    status: 'running',
    createdAt: 1,
  },
  ...{ progress: null, result: null, failure: null, startedAt: 1, endedAt: null },
}
const entry = (version: string): Entry => ({
  ...{ name: 'b', isExact: true, kind: 'folder', sizeBytes: 0, modifiedAt: 0, mode: 0o755, target: null, version },
})

/** Files of a person who stores 5 bytes and may store that many. */
function filesWithin(limitBytes: number) {
  return filesOf({ limitBytes, usedBytes: 5 })
}

function filesOf(room: { limitBytes: number; usedBytes: number }) {
  const storage = {
    roomFor: async () => ({ ...room }),
    requireRoom: async (_: unknown, what: string, moreBytes: number) => requireStorage(room, what, moreBytes),
  }
  return createFiles({ storage, waitingBytesOf: async () => 0 } as unknown as Parameters<typeof createFiles>[0])
}

/** Runs the job on a disk that has that entry at the target. The original has 7 bytes, and `grown` while it is copied. */
async function run(
  there: Entry | null,
  result: JobData | null,
  { mayUntil = Number.POSITIVE_INFINITY, files = filesWithin(Number.POSITIVE_INFINITY), grown = 7 } = {},
) {
  let asked = 0
  const seen = { copies: 0, noted: [] as JobData[], wrote: 0 }
  const runCopy = createRunCopy({
    trees: {
      look: async () => there,
      async copy(_from, _to, { onSized, tell, onWhole }) {
        await onSized?.(7)
        seen.copies += 1
        await tell({ doing: 'copying', doneBytes: grown, totalBytes: 7, doneFiles: 1, totalFiles: 1 })
        await onWhole?.('new')
        return entry('new-1')
      },
    },
    async requireCopier() {
      asked += 1
      if (asked > mayUntil) throw new Problem('forbidden', 'Not any more.')
    },
    promiseCopy: files.promiseCopy,
    wrote: (_, bytes) => {
      seen.wrote += bytes
    },
  })
  const { signal } = new AbortController()
  const answer = await runCopy(
    { ...job, result },
    { signal, tell: () => {}, note: async (noted) => void seen.noted.push(noted) },
  )
  return { ...seen, answer }
}

test('a copy notes which one it is before it gets its name, and counts for its person', async () => {
  expect(await run(null, null)).toEqual({
    copies: 1,
    noted: [{ whole: 'new' }],
    wrote: 7,
    answer: { copied: 'users/alice/b' },
  })
})

// Trouble (files): the service is killed between the last step of a copy and the record of its end
test('a copy that had just got its name is done after a restart', async () => {
  expect(await run(entry('old-5-6-7'), { whole: 'old' })).toMatchObject({
    copies: 0,
    answer: { copied: 'users/alice/b' },
  })
})

test('a copy that had no name yet begins anew, also if somebody has taken its place', async () => {
  expect(await run(null, { whole: 'old' })).toMatchObject({ copies: 1 })
  expect(await run(entry('other-1'), { whole: 'old' })).toMatchObject({ copies: 1 })
})

// Trouble (files): a person is disabled while their copy waits or runs
test('a copy whose person has lost the right meanwhile does not begin, or gets no name', async () => {
  await expect(run(null, null, { mayUntil: 0 })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(run(null, null, { mayUntil: 1 })).rejects.toMatchObject({ code: 'forbidden' })
})

test('a copy that is larger than what a tier leaves its person ends at once, and says how much that is', async () => {
  await expect(run(null, null, { files: filesWithin(12) })).resolves.toMatchObject({ copies: 1 })
  await expect(run(null, null, { files: filesWithin(11) })).rejects.toMatchObject({
    code: 'storage-full',
    detail: expect.stringContaining('this needs 7 B more'),
  })
})

// Trouble (files): a person makes a file larger while it is copied
test('a copy whose original grows beyond what a tier leaves its person ends', async () => {
  await expect(run(null, null, { files: filesWithin(13), grown: 8 })).resolves.toMatchObject({ wrote: 8 })
  await expect(run(null, null, { files: filesWithin(12), grown: 8 })).rejects.toMatchObject({
    code: 'storage-full',
    detail: expect.stringContaining('The copy is larger'),
  })
})

// Trouble (files): a file grows while it is copied, and another copy of the same person has taken the room
test('a copy that ended counts for one whose original grows', async () => {
  const room = { limitBytes: 20, usedBytes: 5 }
  const files = filesOf(room)
  const other = await files.promiseCopy(to.tree, 0)
  room.usedBytes += (await run(null, null, { files })).wrote
  await expect(other.onBytes(8)).resolves.toBeUndefined()
  await expect(other.onBytes(9)).rejects.toMatchObject({ code: 'storage-full' })
})

test('two copies of one instant do not both get the last room of a person, and a copy that has ended gives its room back', async () => {
  const files = filesWithin(18)
  const both = await Promise.allSettled([run(null, null, { files }), run(null, null, { files })])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'storage-full' } }])
  await run(null, null, { files })
})

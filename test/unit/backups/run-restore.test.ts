import { expect, test } from 'vitest'
import { createRestoreInto } from '../../../src/backups/restore-into.ts'
import { createRunRestore, planOf } from '../../../src/backups/run-restore.ts'
import { type BackupSnapshot, partOf } from '../../../src/domain/backups/backup.ts'
import type { Job } from '../../../src/domain/jobs/job.ts'
import { Problem } from '../../../src/domain/problem.ts'
import type { GivenUp, RestorePlaces } from '../../../src/ports/backup-disk.ts'
import type { BackupRepository } from '../../../src/ports/backup-repository.ts'

const input = { backup_id: '2026-11-26T03-00-00Z-k3v9', folder: 'users/demo@ailab.com', path: '', in_place: false }

const announced = { came: () => {}, [Symbol.dispose]: () => {} }
const storage = { requireRoom: async () => {}, count: async () => {}, announce: () => announced }

test('a whole folder goes beside the rest', () => {
  expect(planOf({ input })).toMatchObject({ path: [], from: ['data'], to: ['restored-2026-11-26T03-00-00Z-k3v9'] })
})

test('one file goes to the folder where it was, or beside the rest without the folders above it', () => {
  const one = { ...input, path: 'notebooks/old/a.ipynb' }
  expect(planOf({ input: { ...one, in_place: true } })).toMatchObject({
    path: ['notebooks', 'old', 'a.ipynb'],
    from: ['data', 'notebooks', 'old'],
    to: ['notebooks', 'old'],
  })
  expect(planOf({ input: one })).toMatchObject({ to: ['restored-2026-11-26T03-00-00Z-k3v9'] })
})

test('a record that cannot be read is refused', () => {
  expect(() => planOf({ input: { ...input, folder: '../etc' } })).toThrow('wrong-state')
  expect(() => planOf({ input: { ...input, path: '../x' } })).toThrow('invalid-request')
})

// Trouble (files): a person restores more than the disk has room for
test('a restore ends before it takes the last room of the disk, and leaves nothing', async () => {
  let freeBytes = 300 * 2 ** 20
  const removed: string[] = []
  const never = (_: unknown, __: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    freeBytes = 100 * 2 ** 20
    return new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const snapshot = { id: 'x', backupId: input.backup_id, part: partOf(input.folder), at: 0 } as BackupSnapshot
  const places = {
    sealed: async () => null,
    open: async () => 'admin/restores/1',
    room: async () => ({ freeBytes, totalBytes: 2 ** 40, freeFiles: 1, totalFiles: 1 }),
    remove: async (id: string) => void removed.push(id),
  } as unknown as RestorePlaces
  const restoreInto = createRestoreInto({
    places,
    requireProven: async () => {},
    requireStillChange: async () => {},
    ensureFolder: async () => expect.fail('nothing may be changed'),
    toTrash: async () => expect.fail('nothing may be changed'),
    storage,
    closing: new AbortController().signal,
  })
  const run = createRunRestore({
    places,
    restoreInto,
    open: async () => ({
      repository: { snapshots: async () => [snapshot], restore: never } as unknown as BackupRepository,
      [Symbol.asyncDispose]: async () => {},
    }),
    hostPathOf: async (folder) => folder,
    clock: { sleep: async () => {} },
  })
  const running = { signal: new AbortController().signal, tell: () => {} }
  await expect(run({ id: '1', userId: 'demo@ailab.com', input } as unknown as Job, running)).rejects.toMatchObject({
    code: 'no-room',
  })
  expect(removed).toEqual(['1'])
})

// Trouble (files): the service dies between the last step of a restore and the record of its end
test('a restore of one file that was back when the service died does not say that the backup lacks it', async () => {
  const places = {
    sealed: async () => ({ entries: 1 }),
    entries: async () => [],
    bytesIn: async () => 0,
  } as unknown as RestorePlaces
  const restoreInto = createRestoreInto({
    places,
    requireProven: async () => {},
    requireStillChange: async () => {},
    ensureFolder: async () => expect.fail('nothing may be changed'),
    toTrash: async () => expect.fail('nothing may be changed'),
    storage,
    closing: new AbortController().signal,
  })
  const run = createRunRestore({
    places,
    restoreInto,
    open: () => expect.fail('nothing may be read'),
    hostPathOf: async (folder) => folder,
    clock: { sleep: async () => {} },
  })
  const job = { id: '1', userId: 'demo@ailab.com', input: { ...input, path: 'a.ipynb' } } as unknown as Job
  const running = { signal: new AbortController().signal, tell: () => {} }
  expect(await run(job, running)).toMatchObject({ entries: 1 })
})

// Trouble (files): somebody cancels a restore while its entries move, or the service closes then
test.each([
  ['is cancelled keeps only the mark of its place', false],
  ['ends with its service keeps its place', true],
])('a restore that %s while its entries move', async (_, isClosing) => {
  const [cancel, closing] = [new AbortController(), new AbortController()]
  const givenUp: unknown[] = []
  const restoreInto = createRestoreInto({
    places: {
      sealed: async () => ({ entries: 2 }),
      entries: async () => ['a', 'b'],
      // A copy to another disk hears it at once.
      async moveOut() {
        ;(isClosing ? closing : cancel).abort(new Error('it ends'))
        signal.throwIfAborted()
      },
      giveUp: async (_: string, { failure }: GivenUp) => void givenUp.push(failure),
      remove: async () => expect.fail('a run after a kill goes on from there'),
    } as unknown as RestorePlaces,
    requireProven: async () => {},
    requireStillChange: async () => {},
    ensureFolder: async () => {},
    toTrash: async () => {},
    storage,
    closing: closing.signal,
  })
  const tree = partOf('shared') as { kind: 'shared' }
  const job = { id: '1', userId: 'demo@ailab.com', input } as unknown as Job
  const signal = AbortSignal.any([cancel.signal, closing.signal])
  const move = { tree, from: ['shared'], only: null, to: [], target: [] }
  await expect(restoreInto(job, move, async () => {}, { signal, tell: () => {} })).rejects.toThrow('it ends')
  expect(givenUp).toEqual(isClosing ? [] : [null])
})

test('a restore that ends in the middle says how far it came, and keeps the path of the host for administrators', async () => {
  const cause = new Problem('file-exists', 'Something has this name already; nothing was changed.', {
    adminDetail: 'Something has the name /srv/shared/a already; nothing was changed.',
  })
  const restoreInto = createRestoreInto({
    places: {
      sealed: async () => ({ entries: 2 }),
      entries: async () => ['a', 'b'],
      moveOut: async () => {
        throw cause
      },
      giveUp: async () => {},
    } as unknown as RestorePlaces,
    requireProven: async () => {},
    requireStillChange: async () => {},
    ensureFolder: async () => {},
    toTrash: async () => {},
    storage,
    closing: new AbortController().signal,
  })
  const job = { id: '1', userId: 'demo@ailab.com', input: {} } as unknown as Job
  const move = { tree: partOf('shared') as { kind: 'shared' }, from: ['shared'], only: null, to: [], target: [] }
  const { signal } = new AbortController()
  await expect(restoreInto(job, move, async () => {}, { signal, tell: () => {} })).rejects.toMatchObject({
    detail: expect.stringMatching(/^The restore ended at a: Something has this name already\. The entries before it/),
    adminDetail: expect.stringContaining('/srv/shared/a already. The entries'),
  })
})

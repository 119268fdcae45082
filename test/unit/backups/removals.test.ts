import { expect, test } from 'vitest'
import { createRemovals } from '../../../src/backups/removals.ts'
import type { BackupPart, BackupSnapshot } from '../../../src/domain/backups/backup.ts'
import { userId } from '../../../src/domain/people/user-id.ts'
import { Problem } from '../../../src/domain/problem.ts'

const person = (id: string): BackupPart => ({ kind: 'person', userId: userId.parse(id) })
const snapshot = (id: string, backupId: string, part: BackupPart, at: number): BackupSnapshot => ({
  ...{ id, backupId, part, at },
})
const whole = [snapshot('a1', 'one', person('alice'), 0), snapshot('x1', 'one', { kind: 'admin' }, 0)]
const inParts = [snapshot('a2', 'two', person('alice'), 1), snapshot('b2', 'two', person('bob'), 1)]
const { signal } = new AbortController()

/** Removes from a repository whose `drop` may fail before or after the snapshots are gone. */
async function removed(
  all: readonly BackupSnapshot[],
  work: 'old' | 'half',
  { before, after }: { before?: Problem; after?: Problem } = {},
) {
  let snapshots = [...all]
  const told: unknown[] = []
  const repository = {
    snapshots: async () => snapshots,
    async drop(ids: readonly string[]) {
      if (before) throw before
      snapshots = snapshots.filter(({ id }) => !ids.includes(id))
      if (after) throw after
    },
  }
  const removals = createRemovals({ keep: { last: 1 }, onError: (error) => void told.push(error) })
  if (work === 'old') await removals.old(repository, [], { signal, isFull: true })
  else await removals.half(repository, { backupId: 'two', snapshotIds: ['a2', 'b2'] }, { signal })
  return { left: snapshots.map(({ id }) => id), told }
}

// Trouble (files): a backup of a lab that outgrew its disk failed half way, and has the only copy of somebody's files
test('on a full disk the parts of failed backups go, but not the only copy of a folder', async () => {
  expect(await removed([...whole, ...inParts], 'old')).toEqual({ left: ['a1', 'x1', 'b2'], told: [] })
})

test('on a full disk without any whole backup all parts go', async () => {
  expect(await removed(inParts, 'old')).toEqual({ left: [], told: [] })
})

test('half a folder goes, unless no whole backup has that folder', async () => {
  expect(await removed([...whole, ...inParts], 'half')).toEqual({ left: ['a1', 'x1', 'b2'], told: [] })
})

// Trouble (files): the repository fails while half a folder is removed from it
test('a backup goes on if only the room of half a folder could not be freed, and fails if it is still there', async () => {
  const failure = new Problem('backup-repository-unusable', 'The repository is locked.')
  const all = [...whole, ...inParts]
  expect(await removed(all, 'half', { after: failure })).toEqual({ left: ['a1', 'x1', 'b2'], told: [failure] })
  await expect(removed(all, 'half', { before: failure })).rejects.toBe(failure)
})

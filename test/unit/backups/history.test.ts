import { expect, test } from 'vitest'
import { backupKind, drillKind } from '../../../src/backups/backups.ts'
import { historyOf } from '../../../src/backups/history.ts'
import type { Job } from '../../../src/domain/jobs/job.ts'
import type { UserId } from '../../../src/domain/people/user-id.ts'
import type { JobQuery } from '../../../src/ports/job-store.ts'

const job = (kind: string, status: Job['status'], at: number): Job => ({
  ...{ id: String(at), kind, userId: 'ai-lab' as UserId, title: '', input: {}, status, createdAt: at, startedAt: at },
  ...{ progress: null, endedAt: at, result: status === 'done' ? { backup_id: 'b' } : null },
  failure: status === 'failed' ? { code: 'engine-unavailable', detail: 'The engine is away.' } : null,
})

// Trouble (files): the disk of the backups is away for a weekend, and a backup fails each hour
test('the last backup and the last drill that went well are known, however many have failed since', async () => {
  const failed = Array.from({ length: 50 }, (_, at) => [
    job(backupKind, 'failed', 100 + at),
    job(drillKind, 'failed', 100 + at),
  ])
  const all = [job(backupKind, 'done', 1), job(drillKind, 'done', 2), ...failed.flat()].reverse()
  const list = async ({ kind, status, limit }: JobQuery) =>
    all.filter((each) => each.kind === kind && (status === undefined || each.status === status)).slice(0, limit)
  expect(await historyOf({ list })).toMatchObject({
    lastBegunAt: 149,
    lastDoneAt: 1,
    failure: 'The engine is away.',
    drill: { practisedAt: 2, backupId: 'b' },
  })
})

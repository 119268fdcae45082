import type { JobData, Progress } from '../domain/jobs/job.ts'
import type { Clock } from '../ports/clock.ts'
import type { OpenRepository } from './open-repository.ts'

const slices = 7
const dayMs = 86_400_000

/** Checks the repository, and reads a seventh of its data: another one each day, so that seven days read all. */
export function createRunCheck({ open, clock }: { open: OpenRepository; clock: Clock }) {
  return async ({ signal, tell }: { signal: AbortSignal; tell: (progress: Progress) => void }): Promise<JobData> => {
    const nth = (Math.floor(clock.now() / dayMs) % slices) + 1
    await using opened = await open({ signal, mayBegin: false })
    tell({ doing: 'checking the backups', doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null })
    await opened.repository.check({ nth, of: slices }, { signal })
    return { read: `${nth}/${slices}` }
  }
}

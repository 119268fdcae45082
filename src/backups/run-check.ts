import { nextSlice, sliceText } from '../domain/backups/slices.ts'
import type { JobData, Progress } from '../domain/jobs/job.ts'
import type { JobStore } from '../ports/job-store.ts'
import { checkKind } from './backups.ts'
import type { OpenRepository } from './open-repository.ts'

/**
 * Checks the repository, and reads the slice of its data after the one that the last check found in order. So seven checks read all, and
 * a slice with damage is read again.
 */
export function createRunCheck({ open, jobs }: { open: OpenRepository; jobs: Pick<JobStore, 'list'> }) {
  return async ({ signal, tell }: { signal: AbortSignal; tell: (progress: Progress) => void }): Promise<JobData> => {
    await using opened = await open({ signal, mayBegin: false })
    tell({ doing: 'checking the backups', doneBytes: 0, totalBytes: null, doneFiles: 0, totalFiles: null })
    const [last] = await jobs.list({ kind: checkKind, status: 'done', limit: 1 })
    const slice = nextSlice(last?.result?.read)
    await opened.repository.check(slice, { signal })
    return { read: sliceText(slice) }
  }
}

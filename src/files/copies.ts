/** Copies of files and folders, as jobs. */
import { keepCopy, type Place, placeInWords, readCopy } from '../domain/files/place.ts'
import { requireUnreserved } from '../domain/files/tree.ts'
import type { Job, JobData } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { FileTrees } from '../ports/file-trees.ts'
import { requireVisibleTree } from './entitled.ts'

export type BeginJob = (
  userId: Caller['userId'],
  job: { kind: string; title: string; input: JobData; key: string | null },
) => Promise<Job>

export const copyKind = 'copy'

/** Begins a copy. @throws Problem forbidden, file-exists, job-under-way for a second copy to the same place */
export type BeginCopy = (caller: Caller, from: Place, to: Place) => Promise<Job>

export function createBeginCopy(deps: {
  begin: BeginJob
  prepare: (caller: Caller, to: Place) => Promise<void>
}): BeginCopy {
  return async (caller, from, to) => {
    requireVisibleTree(caller, from.tree)
    requireUnreserved(from.tree, from.path)
    await deps.prepare(caller, to)
    const target = placeInWords(to)
    const title = `Copy ${placeInWords(from)} to ${target}`
    return await deps.begin(caller.userId, {
      kind: copyKind,
      title,
      input: keepCopy({ from, to }),
      key: `copy to ${target}`,
    })
  }
}

/** Does the work of a copy. After a restart of the service it begins anew: a copy appears only when it is whole. */
export function createRunCopy({
  trees,
  wrote,
}: {
  trees: Pick<FileTrees, 'copy'>
  /** Notes what was written for a person. */
  wrote: (id: UserId, bytes: number) => void
}) {
  return async (job: Job, options: Parameters<FileTrees['copy']>[2]): Promise<JobData> => {
    const { from, to } = readCopy(job.input)
    let bytes = 0
    await trees.copy(from, to, {
      ...options,
      tell(progress) {
        bytes = progress.doneBytes
        options.tell(progress)
      },
    })
    if (to.tree.kind === 'person') wrote(to.tree.userId, bytes)
    return { copied: placeInWords(to) }
  }
}

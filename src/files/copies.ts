/** Copies of files and folders, as jobs. */
import { identityOf } from '../domain/files/entry.ts'
import { keepCopy, type Place, placeInWords, readCopy } from '../domain/files/place.ts'
import { requireUnreserved } from '../domain/files/tree.ts'
import type { Job, JobData } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { requireStorage } from '../domain/usage/standing.ts'
import type { CopyOptions, FileTrees } from '../ports/file-trees.ts'
import { type RequireCopier, requireVisibleTree } from './entitled.ts'
import type { Storage } from './files.ts'

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

/**
 * Does the work of a copy. After a restart of the service it begins anew, unless the copy had just got its name: it appears only when
 * it is whole.
 */
export function createRunCopy({
  trees,
  requireCopier,
  storage,
}: {
  trees: Pick<FileTrees, 'copy' | 'look'>
  requireCopier: RequireCopier
  storage: Pick<Storage, 'roomFor' | 'wrote'>
}) {
  return async (job: Job, { signal, tell, note }: CopyRun): Promise<JobData> => {
    const { from, to } = readCopy(job.input)
    const done = { copied: placeInWords(to) }
    if (await isThere(to, job.result?.whole)) return done
    const stillMay = () => requireCopier(job.userId, from.tree, to)
    await stillMay()
    const room = to.tree.kind === 'person' ? await storage.roomFor(to.tree.userId) : null
    let bytes = 0
    await trees.copy(from, to, {
      signal,
      tell(progress) {
        bytes = progress.doneBytes
        if (room) requireStorage(room, 'The copy', Math.max(bytes, progress.totalBytes ?? 0))
        tell(progress)
      },
      async onWhole(whole) {
        await stillMay() // it may have taken hours
        await note({ whole })
      },
    })
    if (to.tree.kind === 'person') storage.wrote(to.tree.userId, bytes)
    return done
  }

  /** Whether an earlier run of the same job has put its copy there. */
  async function isThere({ tree, path }: Place, whole: unknown): Promise<boolean> {
    const entry = whole === undefined ? null : await trees.look(tree, path)
    return entry !== null && identityOf(entry) === whole
  }
}

type CopyRun = Pick<CopyOptions, 'signal' | 'tell'> & { note: (result: JobData) => Promise<void> }

/** Copies of files and folders, as jobs. */
import { identityOf } from '../domain/files/entry.ts'
import { keepCopy, type Place, placeInWords, readCopy } from '../domain/files/place.ts'
import { requireUnreserved } from '../domain/files/tree.ts'
import type { Job, JobData, Progress } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import type { CopyOptions, FileTrees } from '../ports/file-trees.ts'
import { type RequireCopier, requireVisibleTree } from './entitled.ts'
import type { Files, Storage } from './files.ts'
import type { Promised } from './promised-room.ts'

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
  promiseCopy,
  wrote,
}: {
  trees: Pick<FileTrees, 'copy' | 'look'>
  requireCopier: RequireCopier
  promiseCopy: Files['promiseCopy']
  wrote: Storage['wrote']
}) {
  return async (job: Job, { signal, tell, note }: CopyRun): Promise<JobData> => {
    const { from, to } = readCopy(job.input)
    const done = { copied: placeInWords(to) }
    if (await isThere(to, job.result?.whole)) return done
    const stillMay = () => requireCopier(job.userId, from.tree, to)
    await stillMay()
    using rooms = new DisposableStack()
    let room = null as Promised | null
    let bytes = 0
    await trees.copy(from, to, {
      signal,
      async onSized(totalBytes) {
        room = rooms.use(await promiseCopy(to.tree, totalBytes))
      },
      async tell(progress) {
        bytes = progress.doneBytes
        await room?.onBytes(bytes) // files may grow on the way
        tell(progress)
      },
      async onWhole(whole) {
        await stillMay() // it may have taken hours
        await note({ whole })
      },
    })
    room?.keep()
    if (to.tree.kind === 'person') wrote(to.tree.userId, bytes)
    return done
  }

  /** Whether an earlier run of the same job has put its copy there. */
  async function isThere({ tree, path }: Place, whole: unknown): Promise<boolean> {
    const entry = whole === undefined ? null : await trees.look(tree, path)
    return entry !== null && identityOf(entry) === whole
  }
}

type CopyRun = Pick<CopyOptions, 'signal'> & {
  tell: (progress: Progress) => void
  note: (result: JobData) => Promise<void>
}

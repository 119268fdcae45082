/** Checksums of files, as jobs: a large file takes longer than a request should. */
import { entityTag } from '../domain/files/entry.ts'
import { pathText } from '../domain/files/file-path.ts'
import { keepPlace, type Place, placeInWords, readPlace } from '../domain/files/place.ts'
import { requireUnreserved } from '../domain/files/tree.ts'
import type { Job, JobData } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { Problem } from '../domain/problem.ts'
import type { FileTrees } from '../ports/file-trees.ts'
import type { BeginJob } from './copies.ts'
import { type Counting, counted } from './counted.ts'
import { type CallerNow, requireVisibleTree } from './entitled.ts'

export const checksumKind = 'checksum'

/** Begins to compute the SHA-256 of a file. @throws Problem forbidden, file-not-found, wrong-kind, job-under-way */
export type BeginChecksum = (caller: Caller, place: Place) => Promise<Job>

export function createBeginChecksum({
  begin,
  trees,
}: {
  begin: BeginJob
  trees: Pick<FileTrees, 'look'>
}): BeginChecksum {
  return async (caller, place) => {
    requireVisibleTree(caller, place.tree)
    requireUnreserved(place.tree, place.path)
    const entry = await trees.look(place.tree, place.path)
    if (!entry) throw new Problem('file-not-found', `There is no ${pathText(place.path)}.`)
    if (entry.kind !== 'file') throw new Problem('wrong-kind', `Only a file has a checksum; this is a ${entry.kind}.`)
    const words = placeInWords(place)
    return await begin(caller.userId, {
      kind: checksumKind,
      title: `Checksum of ${words}`,
      input: keepPlace(place),
      key: `checksum for ${caller.userId}`, // they are computed in the service itself, and two at a time for all people
    })
  }
}

/** Does the work of a checksum. After a restart of the service it begins anew. */
export function createRunChecksum(deps: {
  trees: Pick<FileTrees, 'look' | 'open'>
  callerNow: CallerNow
  sha256Of: (pieces: AsyncIterable<Buffer>) => Promise<string>
}) {
  const { trees, callerNow, sha256Of } = deps
  return async (job: Job, { signal, tell }: Omit<Counting, 'progress'>): Promise<JobData> => {
    const { tree, path } = readPlace(job.input)
    const requireVisible = async () => requireVisibleTree(await callerNow(job.userId), tree)
    await requireVisible()
    await using file = await trees.open(tree, path)
    const { entry } = file
    const progress = { doing: 'reading', doneBytes: 0, totalBytes: entry.sizeBytes, doneFiles: 0, totalFiles: 1 }
    const pieces = file.read({ start: 0, end: entry.sizeBytes })
    const sha256 = await sha256Of(counted(pieces, { signal, progress, tell }))
    if ((await trees.look(tree, path))?.version !== entry.version) {
      throw new Problem('wrong-state', 'The file was changed while it was read, so it has no checksum.')
    }
    await requireVisible()
    return { sha256, etag: entityTag(entry), size_bytes: entry.sizeBytes }
  }
}

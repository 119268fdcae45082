/** Datasets: what there is, copies to a person's own data, and the verification of checksums. */
import { type DatasetFacts, datasetFile, datasetPath, datasetsFolder } from '../domain/files/dataset.ts'
import type { Entry } from '../domain/files/entry.ts'
import { type FilePath, filePath } from '../domain/files/file-path.ts'
import { sharedTree } from '../domain/files/tree.ts'
import { type Found, recorded, type Verification } from '../domain/files/verification.ts'
import type { Job, JobData } from '../domain/jobs/job.ts'
import type { Caller } from '../domain/people/account.ts'
import { isProblem, Problem } from '../domain/problem.ts'
import { mapLimited } from '../lib/map-limited.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { Sharing } from '../lib/sharing.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileTrees, OpenedFile } from '../ports/file-trees.ts'
import type { BeginCopy, BeginJob } from './copies.ts'
import { type Counting, counted } from './counted.ts'
import { type CallerNow, type RequireChange, requireVisibleTree } from './entitled.ts'

const factsAtMostBytes = 2 ** 20
const keptAtMostBytes = 4 * 2 ** 20
const triedAgainAfterMs = 60_000
const readAtOnce = 8

export const verifyKind = 'verify-dataset'

export type Dataset = {
  name: string
  modifiedAt: number
  facts: DatasetFacts
  /** Why its `dataset.yaml` cannot be read; null if it can, or if there is none. */
  trouble: string | null
  /** The newest verification that is done, whoever asked for it; null if none is recorded. */
  lastVerified: LastVerified | null
}

/** `found`: null if the dataset is another one since. */
export type LastVerified = { at: number; found: Verification | null }

export type Datasets = {
  /** By name; `next` is where the following page begins, null at the end. */
  page(
    caller: Caller,
    options: { after: string | null; limit: number },
  ): Promise<{ items: Dataset[]; next: string | null }>
  /** @throws Problem file-not-found */
  one(caller: Caller, name: string): Promise<Dataset>
  /** Begins a copy to the caller's own data: to `datasets/<name>` unless told. @throws as BeginCopy does */
  copy(caller: Caller, name: string, to: FilePath | null): Promise<Job>
  /** Begins to compare its files with its checksums. @throws Problem wrong-state if it has none, job-under-way */
  verify(caller: Caller, name: string): Promise<Job>
}

export type Facts = DatasetFacts | { wrong: string }
export type FactsOf = (name: string) => Promise<Facts>

type Uses = { trees: Pick<FileTrees, 'look' | 'list' | 'open'>; factsOf: FactsOf }

export function createDatasets(
  deps: Uses & {
    beginCopy: BeginCopy
    begin: BeginJob
    requireChange: RequireChange
    /** By key: the newest verification that is done, of each of these keys that has one. */
    newestVerifications: (keys: readonly string[]) => Promise<Map<string, Job>>
  },
): Datasets {
  const { trees, factsOf, beginCopy, begin, requireChange, newestVerifications } = deps

  async function datasetsOf(entries: readonly Entry[]): Promise<Dataset[]> {
    const jobs = await newestVerifications(entries.map(({ name }) => verifyKey(name)))
    return await mapLimited(entries, readAtOnce, async ({ name, modifiedAt }) => {
      const found = await factsOf(name)
      const lastVerified = await lastVerifiedBy(jobs.get(verifyKey(name)), name)
      return 'wrong' in found
        ? { name, modifiedAt, lastVerified, facts: {}, trouble: found.wrong }
        : { name, modifiedAt, lastVerified, facts: found, trouble: null }
    })
  }

  async function lastVerifiedBy(job: Job | undefined, name: string): Promise<LastVerified | null> {
    const result = job?.result as Verification | null | undefined
    if (!job?.endedAt || !result?.of) return null // the first versions of the service recorded no `of`
    return { at: job.endedAt, found: result.of === (await versionOf(trees, name)) ? result : null }
  }

  /** Its folder, with the exact name: typed names may have a slash before or after. */
  async function requireDataset(caller: Caller, name: string): Promise<Entry> {
    requireVisibleTree(caller, sharedTree)
    const entry = await trees.look(sharedTree, datasetPath(name))
    if (entry?.kind === 'folder') return entry
    throw new Problem('file-not-found', `There is no dataset ${name}.`)
  }

  return {
    async one(caller, name) {
      const [dataset] = await datasetsOf([await requireDataset(caller, name)])
      return dataset as Dataset
    },

    async page(caller, { after, limit }) {
      requireVisibleTree(caller, sharedTree)
      const page = await trees.list(sharedTree, datasetsFolder, { sort: 'name', after, limit }).catch(emptyIfMissing)
      const folders = page.entries.filter(({ kind, isExact }) => kind === 'folder' && isExact)
      return { items: await datasetsOf(folders), next: page.next }
    },

    async copy(caller, name, to) {
      const own = { kind: 'person', userId: caller.userId } as const
      await requireChange(caller, own, to ?? ['datasets']) // a token that may change nothing learns of no dataset
      const { name: exact } = await requireDataset(caller, name)
      const target = { tree: own, path: to ?? ['datasets', exact] }
      return await beginCopy(caller, { tree: sharedTree, path: datasetPath(exact) }, target)
    },

    async verify(caller, name) {
      const { name: exact } = await requireDataset(caller, name)
      const facts = await factsOf(exact)
      if ('wrong' in facts) throw new Problem('wrong-state', facts.wrong)
      const count = Object.keys(facts.checksums ?? {}).length
      if (count === 0) throw new Problem('wrong-state', `${datasetFile} of ${exact} has no checksums.`)
      const title = `Verify ${count} files of the dataset ${exact}`
      return await begin(caller.userId, { kind: verifyKind, title, input: { name: exact }, key: verifyKey(exact) })
    },
  }
}

function verifyKey(name: string): string {
  return `verify ${name}`
}

/**
 * Changes with the entries directly in the folder, and with its `dataset.yaml`. A file that is changed in place does not count, nor does a
 * change deeper in the folder.
 */
async function versionOf(trees: Pick<FileTrees, 'look'>, name: string): Promise<string> {
  const paths = [datasetPath(name), [...datasetPath(name), datasetFile]]
  const entries = await Promise.all(paths.map((path) => trees.look(sharedTree, path)))
  return entries.map((entry) => entry?.version).join(' ')
}

/** Does the work of a verification. After a restart of the service it begins anew. */
export function createRunVerify(
  deps: Uses & { callerNow: CallerNow; sha256Of: (pieces: AsyncIterable<Buffer>) => Promise<string> },
) {
  const { trees, factsOf, callerNow, sha256Of } = deps
  return async ({ input, userId }: Job, { signal, tell }: Omit<Counting, 'progress'>): Promise<JobData> => {
    const name = String(input.name)
    const of = await versionOf(trees, name)
    const found = await factsOf(name)
    if ('wrong' in found) throw new Problem('wrong-state', found.wrong)
    const wanted = Object.entries(found.checksums ?? {})
    const pathOf = (file: string) => [...datasetPath(name), ...filePath(file)]
    requireVisibleTree(await callerNow(userId), sharedTree)
    const nothing = { doneBytes: 0, doneFiles: 0, totalFiles: wanted.length }
    tell({ ...nothing, doing: 'counting', totalBytes: null })
    const totalBytes = await bytesOf(
      wanted.map(([file]) => pathOf(file)),
      signal,
    )
    const progress = { ...nothing, doing: 'reading', totalBytes }
    const result: Found = { verified: 0, differ: [], missing: [] }
    for (const [file, sha256] of wanted) {
      signal.throwIfAborted()
      requireVisibleTree(await callerNow(userId), sharedTree)
      progress.doing = file
      tell({ ...progress })
      const actual = await checksumOf(pathOf(file), { signal, progress, tell })
      if (actual === null) result.missing.push(file)
      else if (actual !== sha256) result.differ.push(file)
      else result.verified += 1
      progress.doneFiles += 1
    }
    tell({ ...progress, totalBytes: progress.doneBytes }) // a file may have grown, shrunk or gone since
    return recorded(result, of)
  }

  /** How much there is to read in those that are files. */
  async function bytesOf(paths: readonly FilePath[], signal: AbortSignal): Promise<number> {
    const sizes = await mapLimited(paths, readAtOnce, async (path) => {
      signal.throwIfAborted()
      const entry = await trees.look(sharedTree, path).catch(nullUnlessFile)
      return entry?.kind === 'file' ? entry.sizeBytes : 0
    })
    return sizes.reduce((sum, bytes) => sum + bytes, 0)
  }

  async function checksumOf(path: FilePath, counting: Counting): Promise<string | null> {
    const file = await trees.open(sharedTree, path).catch(nullUnlessFile)
    if (!file) return null
    await using opened = file
    return await sha256Of(counted(opened.read({ start: 0, end: opened.entry.sizeBytes }), counting))
  }
}

/**
 * Gives the facts that `dataset.yaml` states; empty ones if there is no such file. The facts are kept until the file changes, for the
 * files that were read last. `read` rejects if the file takes too long or too much memory. On a busy machine an honest file may, so the
 * service tries again a minute later.
 */
export function createFactsOf({
  trees,
  read,
  clock,
}: {
  trees: Pick<FileTrees, 'open'>
  read: (text: string) => Promise<Facts>
  clock: Pick<Clock, 'steady'>
}): FactsOf {
  const kept = new Map<string, { version: string; sizeBytes: number; facts: Facts; until: number }>()
  const reading = new Sharing<Facts>()

  function keep(name: string, { version, sizeBytes }: Entry, facts: Facts, until: number): void {
    kept.delete(name)
    kept.set(name, { version, sizeBytes, facts, until })
    let left = Array.from(kept.values(), (each) => each.sizeBytes).reduce((one, other) => one + other)
    for (const [oldest, each] of kept) {
      if (left <= keptAtMostBytes) return
      kept.delete(oldest)
      left -= each.sizeBytes
    }
  }

  async function readNow(name: string, { entry, read: piecesOf }: OpenedFile): Promise<Facts> {
    const pieces = await Array.fromAsync(piecesOf({ start: 0, end: entry.sizeBytes }), (piece) => Buffer.from(piece))
    let until = Number.POSITIVE_INFINITY
    const facts = await read(Buffer.concat(pieces).toString()).catch((error: unknown) => {
      until = clock.steady() + triedAgainAfterMs
      return { wrong: reasonOf(error) }
    })
    const said = 'wrong' in facts ? { wrong: `${datasetFile}: ${facts.wrong}` } : facts
    keep(name, entry, said, until)
    return said
  }

  return async (name) => {
    const file = await trees.open(sharedTree, [...datasetPath(name), datasetFile]).catch(nullUnlessFile)
    if (!file) return {}
    await using opened = file
    const { version, sizeBytes } = opened.entry
    if (sizeBytes > factsAtMostBytes) return { wrong: `${datasetFile} is larger than 1 MiB` }
    const known = kept.get(name)
    if (known?.version === version && clock.steady() < known.until) return known.facts
    return await reading.run(`${name} ${version}`, () => readNow(name, opened))
  }
}

function nullUnlessFile(error: unknown): null {
  if (isProblem(error, 'file-not-found') || isProblem(error, 'wrong-kind')) return null
  throw error
}

function emptyIfMissing(error: unknown): { entries: Entry[]; next: null } {
  if (isProblem(error, 'file-not-found')) return { entries: [], next: null }
  throw error
}

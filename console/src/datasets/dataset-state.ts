import type { Dataset, Job } from '../api/bodies.ts'
import { isUnderWay } from '../jobs/job-words.ts'

/** Whether the files are those that were published, as far as it is known. */
export type Verified =
  | { kind: 'no-checksums' }
  | { kind: 'never' }
  | { kind: 'verified'; at: string; files: number }
  | { kind: 'changed-since'; at: string }
  | { kind: 'otherwise'; at: string; differ: number; missing: number; examples: string[] }

export type DatasetState = {
  copying: Job | null
  verifying: Job | null
  verified: Verified
  /** The latest copy of one's own that is done: where it is, and since when. */
  copied: { path: string; at: string } | null
  /** Why the newest copy or verification failed; null unless the newest did. */
  failures: NonNullable<Job['failure']>[]
  mayVerify: boolean
}

/** Tells what is known of a dataset. `jobs`: one's own, the newest first. Pure. */
export function stateOf(
  dataset: Pick<Dataset, 'name' | 'path' | 'checksums' | 'last_verified'>,
  jobs: readonly Job[],
): DatasetState {
  const copies = jobs.filter((job) => isCopyOf(dataset.path, job))
  const verifications = jobs.filter(({ kind, input }) => kind === 'verify-dataset' && input.name === dataset.name)
  const verifying = verifications.find(isUnderWay) ?? null
  const done = copies.find(({ status }) => status === 'done')
  return {
    copying: copies.find(isUnderWay) ?? null,
    verifying,
    verified: dataset.checksums === 0 ? { kind: 'no-checksums' } : verifiedAs(dataset.last_verified),
    copied: done?.ended ? { path: String(done.result?.copied ?? ''), at: done.ended } : null,
    failures: [copies[0], verifications[0]].flatMap((job) => job?.failure ?? []),
    mayVerify: dataset.checksums > 0 && verifying === null,
  }
}

function isCopyOf(path: string, { kind, input: { from } }: Job): boolean {
  if (kind !== 'copy' || typeof from !== 'object' || from === null) return false
  return 'path' in from && from.path === path && 'user_id' in from && from.user_id === null
}

function verifiedAs(last: Dataset['last_verified']): Verified {
  if (last === null) return { kind: 'never' }
  const { at, found } = last
  if (found === null) return { kind: 'changed-since', at }
  const { verified, differ, missing, examples } = found
  return differ + missing > 0
    ? { kind: 'otherwise', at, differ, missing, examples }
    : { kind: 'verified', at, files: verified }
}

/** Whether a source may be a link: a page of the web, and nothing that runs. Pure. */
export function webAddress(source: string): string | null {
  const url = URL.parse(source)
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}

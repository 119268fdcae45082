import type { Dataset, Job } from '../api/bodies.ts'
import { isUnderWay, verificationIn } from '../jobs/job-words.ts'

/** Whether the files are those that were published, as far as it is known. */
export type Verified =
  | { kind: 'no-checksums' }
  | { kind: 'never' }
  | { kind: 'verified'; at: string; files: number }
  | { kind: 'changed-since'; at: string }
  | { kind: 'otherwise'; at: string; differ: string[]; missing: string[] }

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

/** What one's jobs tell of a dataset. `jobs`: the newest first. Pure. */
export function stateOf(
  dataset: Pick<Dataset, 'name' | 'path' | 'checksums' | 'modified'>,
  jobs: readonly Job[],
): DatasetState {
  const copies = jobs.filter((job) => isCopyOf(dataset.path, job))
  const verifications = jobs.filter(({ kind, input }) => kind === 'verify-dataset' && input.name === dataset.name)
  const verifying = verifications.find(isUnderWay) ?? null
  const done = copies.find(({ status }) => status === 'done')
  return {
    copying: copies.find(isUnderWay) ?? null,
    verifying,
    verified: dataset.checksums === 0 ? { kind: 'no-checksums' } : verifiedBy(verifications, dataset.modified),
    copied: done?.ended ? { path: String(done.result?.copied ?? ''), at: done.ended } : null,
    failures: [copies[0], verifications[0]].flatMap((job) => job?.failure ?? []),
    mayVerify: dataset.checksums > 0 && verifying === null,
  }
}

function isCopyOf(path: string, { kind, input: { from } }: Job): boolean {
  if (kind !== 'copy' || typeof from !== 'object' || from === null) return false
  return 'path' in from && from.path === path && 'user_id' in from && from.user_id === null
}

function verifiedBy(verifications: readonly Job[], modified: string): Verified {
  const last = verifications.find(({ status }) => status === 'done')
  if (!last?.ended) return { kind: 'never' }
  // A change while the files were read may be in those that were read before it.
  if (Date.parse(modified) > Date.parse(last.started ?? last.ended)) return { kind: 'changed-since', at: last.ended }
  const { differ, missing } = verificationIn(last.result)
  if (differ.length + missing.length > 0) return { kind: 'otherwise', at: last.ended, differ, missing }
  return { kind: 'verified', at: last.ended, files: Number(last.result?.verified ?? 0) }
}

/** Whether a source may be a link: a page of the web, and nothing that runs. Pure. */
export function webAddress(source: string): string | null {
  const url = URL.parse(source)
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}

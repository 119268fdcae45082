import { countsOf } from '../../../src/domain/files/verification.ts'
import type { Job } from '../api/bodies.ts'

export function isUnderWay({ status }: Pick<Job, 'status'>): boolean {
  return status === 'queued' || status === 'running'
}

const colours: Record<Job['status'], string> = {
  queued: 'blue.4',
  running: 'blue.6',
  done: 'green.7',
  failed: 'red.7',
  cancelled: 'gray.6',
}

/** How the state of a job is shown. Pure. */
export function signOf({ status }: Pick<Job, 'status'>): {
  colour: string
  word: `jobs.status.${Job['status']}`
  moves: boolean
} {
  return { colour: colours[status], word: `jobs.status.${status}`, moves: isUnderWay({ status }) }
}

/** Words of the catalogue, with what stands in them. */
export type Said<Key extends string> = { key: Key; values: Record<string, string | number> }

type AboutKey =
  | 'jobs.about.copy'
  | 'jobs.about.verify'
  | 'jobs.about.backup'
  | 'jobs.about.check'
  | 'jobs.about.drill'
  | 'jobs.about.restore'
  | 'jobs.about.restoreAll'
  | 'jobs.about.restoreZip'
  | 'jobs.about.removePerson'

/** What a job is about, in words of the catalogue; null: only the service's own title tells it. Pure. */
export function aboutOf({ kind, input }: Pick<Job, 'kind' | 'input'>): Said<AboutKey> | null {
  switch (kind) {
    case 'copy': {
      const [from, to] = [placeOf(input.from), placeOf(input.to)]
      return from && to ? { key: 'jobs.about.copy', values: { from, to } } : null
    }
    case 'verify-dataset':
      return { key: 'jobs.about.verify', values: { name: text(input.name) } }
    case 'backup':
      return { key: 'jobs.about.backup', values: {} }
    case 'backup-check':
      return { key: 'jobs.about.check', values: {} }
    case 'drill':
      return { key: 'jobs.about.drill', values: {} }
    case 'restore': {
      const [folder, path] = [text(input.folder), text(input.path)]
      return path
        ? { key: 'jobs.about.restore', values: { what: `${folder}/${path}` } }
        : { key: 'jobs.about.restoreAll', values: { what: folder } }
    }
    case 'restore-zip':
      return { key: 'jobs.about.restoreZip', values: { zip: text(input.zip), who: text(input.user_id) } }
    case 'remove-person':
      return { key: 'jobs.about.removePerson', values: { who: text(input.user_id) } }
    default:
      return null
  }
}

type ResultKey =
  | 'jobs.result.copied'
  | 'jobs.result.verified'
  | 'jobs.result.differ'
  | 'jobs.result.missing'
  | 'jobs.result.saved'
  | 'jobs.result.added'
  | 'jobs.result.leftOut'
  | 'jobs.result.unread'
  | 'jobs.result.read'
  | 'jobs.result.practised'
  | 'jobs.result.restored'
  | 'jobs.result.restoredTo'
  | 'jobs.result.environmentsGone'
  | 'jobs.result.folderTrashed'

/** What came of a job, as short sentences. `bytes` writes an amount in the reader's language. Pure. */
export function resultsOf(
  { kind, input, result }: Pick<Job, 'kind' | 'input' | 'result'>,
  bytes: (amount: number) => string,
): Said<ResultKey>[] {
  if (!result) return []
  const said = (key: ResultKey, values: Said<ResultKey>['values'] = {}) => ({ key, values })
  switch (kind) {
    case 'copy':
      return [said('jobs.result.copied', { to: text(result.copied) })]
    case 'verify-dataset': {
      const { verified, differ, missing } = countsIn(result)
      return [
        said('jobs.result.verified', { count: verified }),
        ...(differ > 0 ? [said('jobs.result.differ', { count: differ })] : []),
        ...(missing > 0 ? [said('jobs.result.missing', { count: missing })] : []),
      ]
    }
    case 'backup': {
      const leftOut = Array.isArray(result.left_out) ? result.left_out.length : 0
      const unread = amount(result.unread_files)
      return [
        said('jobs.result.saved', { count: amount(result.files), bytes: bytes(amount(result.bytes)) }),
        said('jobs.result.added', { bytes: bytes(amount(result.added_bytes)) }),
        ...(leftOut > 0 ? [said('jobs.result.leftOut', { count: leftOut })] : []),
        ...(unread > 0 ? [said('jobs.result.unread', { count: unread })] : []),
      ]
    }
    case 'backup-check':
      return [said('jobs.result.read', { part: text(result.read) })]
    case 'drill':
      return [
        said('jobs.result.practised', { people: amount(result.people), environments: amount(result.environments) }),
      ]
    case 'restore':
    case 'restore-zip': {
      const to = text(result.to)
      const values = { count: amount(result.entries), to: [text(result.folder), ...(to ? [to] : [])].join('/') }
      return [said(input.in_place === true ? 'jobs.result.restored' : 'jobs.result.restoredTo', values)]
    }
    case 'remove-person': {
      const gone = texts(result.environments).length
      return [
        ...(gone > 0 ? [said('jobs.result.environmentsGone', { count: gone })] : []),
        ...(result.trashed === true ? [said('jobs.result.folderTrashed')] : []),
      ]
    }
    default:
      return []
  }
}

/** In whose trash a removal has put what was in their folder; null for any other job. Pure. */
export function trashedOf({
  kind,
  status,
  input,
  result,
}: Pick<Job, 'kind' | 'status' | 'input' | 'result'>): string | null {
  return kind === 'remove-person' && status === 'done' && result?.trashed === true ? text(input.user_id) : null
}

/** Tells what a cancelled removal has done so far, in the service's words; null for any other job. Pure. */
export function leftAt({ kind, status, progress }: Pick<Job, 'kind' | 'status' | 'progress'>): string | null {
  return kind === 'remove-person' && status === 'cancelled' ? (progress?.doing ?? null) : null
}

/** The path, below the data root, of what a job made; null if it made nothing, or not yet. Pure. */
export function placeMade({ kind, status, result }: Pick<Job, 'kind' | 'status' | 'result'>): string | null {
  if (status !== 'done') return null
  if (kind === 'copy') return text(result?.copied) || null
  const folder = kind === 'restore' || kind === 'restore-zip' ? text(result?.folder) : ''
  return (folder && [folder, ...(text(result?.to) ? [text(result?.to)] : [])].join('/')) || null
}

/** How many files a verification of a dataset found as they should be, and otherwise. */
function countsIn(result: NonNullable<Job['result']>): ReturnType<typeof countsOf> {
  return countsOf({
    verified: amount(result.verified),
    differ: texts(result.differ),
    missing: texts(result.missing),
    unlisted_differ: amount(result.unlisted_differ),
    unlisted_missing: amount(result.unlisted_missing),
  })
}

/** A place as a copy keeps it, as a path below the data root. */
function placeOf(kept: unknown): string | null {
  if (typeof kept !== 'object' || kept === null || !('path' in kept)) return null
  const who = 'user_id' in kept && typeof kept.user_id === 'string' ? `users/${kept.user_id}` : 'shared'
  const path = text(kept.path)
  return path ? `${who}/${path}` : who
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const texts = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [])
const amount = (value: unknown) => (typeof value === 'number' ? value : 0)

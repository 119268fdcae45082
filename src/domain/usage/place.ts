import type { Octets } from '../../lib/octets.ts'
import { type UserId, userId } from '../people/user-id.ts'
import type { Count, FolderCount, TreeCount } from './count.ts'

/** A folder of the data root whose figures are kept: a person's, one of `shared/`, one of the platform's own. */
export type Place = { kind: 'person' | 'shared' | 'admin'; path: Octets; userId: UserId | null }

/** The newest figures of a place. */
export type PlaceCount = {
  path: Octets
  count: Count
  missed: number
  biggest: readonly FolderCount[]
  countedAt: number
  /** When all its folders were read last; earlier figures may miss the growth of files in folders that did not change. */
  fullAt: number | null
}

/** The figures of one day or one hour. `at`: its beginning. */
export type Sample = { at: number; count: Pick<Count, 'bytes' | 'sizeBytes' | 'files'> }

export function placeOf(path: Octets): Place {
  const [top = '', name = ''] = path.split('/')
  if (top === 'users') return { kind: 'person', path, userId: idOf(name) }
  return { kind: top === 'admin' ? 'admin' : 'shared', path, userId: null }
}

/** Null for a folder whose name is no person's id. */
function idOf(name: Octets): UserId | null {
  const { data } = userId.safeParse(name)
  return data === name ? data : null
}

/** The places of a tree that was counted: the tree itself, and the folders of it that are told one by one. */
export function placesOf({ tree, count, missed, biggest, parts }: TreeCount) {
  const whole = { path: tree, count, missed, biggest }
  return [whole, ...parts.map((part) => ({ path: `${tree}/${part.path}`, count: part.count, missed: 0, biggest: [] }))]
}

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** How long the figures of single hours, and of single days, are kept. */
export const keptMs = { hour: 3 * dayMs, day: 400 * dayMs } as const
export type Span = keyof typeof keptMs

/** The beginning of the hour or day, UTC, that a moment is in. */
export function beginningOf(span: Span, at: number): number {
  const length = span === 'hour' ? hourMs : dayMs
  return at - (at % length)
}

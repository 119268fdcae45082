import { type Status, status } from '../domain/environment/environment.ts'
import { statusOf } from '../domain/environment/status.ts'
import type { Track } from './task.ts'

/** Counts the environments of each status, from memory: it reads no record. */
export function census(tracks: Iterable<Pick<Track, 'wanted' | 'seen' | 'activity'>>): Record<Status, number> {
  const counts = Object.fromEntries(status.options.map((each) => [each, 0])) as Record<Status, number>
  for (const { wanted, seen, activity } of tracks) if (wanted) counts[statusOf(wanted, seen, activity)] += 1
  return counts
}

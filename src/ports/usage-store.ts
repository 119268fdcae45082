import type { PlaceCount, Sample, Span } from '../domain/usage/place.ts'
import type { Octets } from '../lib/octets.ts'

/** Keeps the newest figures of each place, and those of earlier hours and days. */
export interface UsageStore {
  /** All places, without their folders' figures, the biggest first. */
  latest(): Promise<PlaceCount[]>
  /** Records figures as the newest, and as those of their hour and day. Gives up the place of earlier ones. */
  record(counts: readonly PlaceCount[]): Promise<void>
  /** Forgets the newest figures of places that are gone; their history stays until it is too old. */
  forget(paths: readonly Octets[]): Promise<void>
  /** The figures of a place, the oldest first. */
  history(path: Octets, span: Span, since: number): Promise<Sample[]>
  /** Removes the figures of hours and days that are too old at `now`. */
  prune(now: number): Promise<void>
}

import type { Claims } from './provider-claims.ts'

/** How far a provider's clock may be from ours. */
export const toleranceSeconds = 60

/**
 * A session at the provider that has ended; all of the person's if `session` is null. At least one of the two is not null. `at`:
 * when the provider said so, in seconds since the epoch, by its clock.
 */
export type EndedElsewhere = { subject: string | null; session: string | null; at: number }

/**
 * Whether a sign-in under way belongs to a session that has ended. The provider's clock gave both times. If they are of one second,
 * the sign-in counts as the earlier. Pure.
 */
export function isEnded({ subject, sid, iat }: Claims, end: EndedElsewhere): boolean {
  if (typeof iat === 'number' && iat > end.at) return false
  if (end.subject !== null && end.subject !== subject) return false
  // A sign-in of the person without such a name may be of the session that is meant.
  return end.session === null || end.session === sid || (end.subject !== null && typeof sid !== 'string')
}

/** Sessions here that began after this moment, in milliseconds since the epoch, are later ones and go on. Pure. */
export function lastBegin({ at }: EndedElsewhere): number {
  return Math.floor((at + toleranceSeconds) * 1_000) // a provider may give a fraction
}

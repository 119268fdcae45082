import { mayBeOf } from '../../../src/domain/backups/legacy-zip.ts'
import type { UserId } from '../../../src/domain/people/user-id.ts'

/** The people whom the earlier platform may have written so. Pure. */
export function ownersOf(legacyUser: string, ids: readonly string[]): string[] {
  return ids.filter((id) => mayBeOf({ legacyUser }, id as UserId))
}

import { lookInto } from './look-into.ts'

/** The tier of each person. It writes nothing; `content` as for `troubleOfDatabase`. */
export function recordedTiers(file: string, content: Uint8Array | null): Map<string, string> {
  const tiers = 'select id, tier from accounts order by id'
  return new Map(lookInto(file, content, (sqlite) => sqlite.prepare<[], [string, string]>(tiers).raw().all()))
}

import type { UserId } from '../people/user-id.ts'

/** What the earlier platform called a person's folder. Many ids have one such name, so it cannot be turned back. */
export function cleaned(id: string): string {
  return id.replaceAll('@', '_at_').replaceAll('.', '_')
}

/** Who is known. `accounts`: people of this service. `mentioned`: ids that the earlier platform had recorded. */
export type KnownPeople = { accounts: ReadonlySet<UserId>; mentioned: ReadonlySet<UserId> }

/** What the administrator's mapping file says: a legacy name's owner, or null to leave it out. */
export type LegacyMap = ReadonlyMap<string, UserId | null>

/** Whose a legacy name is. `candidates`: whose it could be, for the administrator to choose from. */
export type Ownership =
  | { kind: 'known'; user: UserId }
  | { kind: 'left-out' }
  | { kind: 'unknown'; candidates: UserId[] }

/**
 * Whose folder a name is. Known only where the mapping file says so, or where one account has that name and nobody
 * else could: a guess would show one person's files to another.
 */
export function ownerOf(legacyName: string, { accounts, mentioned }: KnownPeople, map: LegacyMap): Ownership {
  const mapped = map.get(legacyName)
  if (mapped !== undefined) return mapped === null ? { kind: 'left-out' } : { kind: 'known', user: mapped }
  // Ids that differ in case only are one person's.
  const name = legacyName.toLowerCase()
  const candidates = [
    ...[...accounts].filter((id) => id === name || cleaned(id) === name),
    // An id that was recorded as this very name may be a cleaned one itself, and says nothing.
    ...[...mentioned].filter((id) => !accounts.has(id) && id !== name && cleaned(id) === name),
  ]
  const [only] = candidates
  if (only && candidates.length === 1 && accounts.has(only)) return { kind: 'known', user: only }
  return { kind: 'unknown', candidates: candidates.sort() }
}

/** Whose containers are recorded under a name. One with `@` or `.` was never cleaned: it is the id itself. */
export function ownerOfRecord(name: string, id: UserId | null, people: KnownPeople, map: LegacyMap): Ownership {
  const mapped = map.get(name) ?? map.get(cleaned(name))
  if (!mapped && id && /[@.]/.test(name)) return { kind: 'known', user: id }
  return mapped ? { kind: 'known', user: mapped } : ownerOf(name, people, map)
}

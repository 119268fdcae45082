import type { UserId } from '../people/user-id.ts'

/** The earlier platform's name for a person's folder. Many ids give the same name, so it cannot be turned back. */
export function cleaned(id: string): string {
  return id.replaceAll('@', '_at_').replaceAll('.', '_')
}

/** The known people. `accounts`: people of this service. `mentioned`: ids that the earlier platform had recorded. */
export type KnownPeople = { accounts: ReadonlySet<UserId>; mentioned: ReadonlySet<UserId> }

/** The administrator's mapping file: the owner of each legacy name, or null to leave it out. */
export type LegacyMap = ReadonlyMap<string, UserId | null>

/** The owner of a legacy name. `candidates`: its possible owners, for the administrator to choose from. */
export type Ownership =
  | { kind: 'known'; user: UserId }
  | { kind: 'left-out' }
  | { kind: 'unknown'; candidates: UserId[] }

/**
 * Finds the owner of a legacy folder. The owner is known only if the mapping file says so, or if one account has that
 * name and nobody else could have it: a guess would show one person's files to another.
 */
export function ownerOf(legacyName: string, { accounts, mentioned }: KnownPeople, map: LegacyMap): Ownership {
  const mapped = map.get(legacyName)
  if (mapped !== undefined) return mapped === null ? { kind: 'left-out' } : { kind: 'known', user: mapped }
  // Ids that differ only in case belong to one person.
  const name = legacyName.toLowerCase()
  const candidates = [
    ...[...accounts].filter((id) => id === name || cleaned(id) === name),
    // An id that is recorded as this very name may itself be a cleaned name, so it proves nothing.
    ...[...mentioned].filter((id) => !accounts.has(id) && id !== name && cleaned(id) === name),
  ]
  const [only] = candidates
  if (only && candidates.length === 1 && accounts.has(only)) return { kind: 'known', user: only }
  return { kind: 'unknown', candidates: candidates.sort() }
}

/**
 * Finds the owner of the containers that are recorded under a name. A name with `@` or `.` was never cleaned: it is the
 * id.
 */
export function ownerOfRecord(name: string, id: UserId | null, people: KnownPeople, map: LegacyMap): Ownership {
  const mapped = map.get(name) ?? map.get(cleaned(name))
  if (!mapped && id && /[@.]/.test(name)) return { kind: 'known', user: id }
  return mapped ? { kind: 'known', user: mapped } : ownerOf(name, people, map)
}

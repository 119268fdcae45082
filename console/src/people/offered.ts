import type { User } from '../api/bodies.ts'

export type PersonAct = 'invite' | 'edit' | 'disable' | 'enable' | 'delete'

/** Why the service would refuse it, as a key of the catalogue of words. */
export type Hindrance = 'isDisabled' | 'isLastAdministrator'

export type PersonOffer = { act: PersonAct; hindrance: Hindrance | null }

/** Facts about the lab that decide on a person's acts. `environments`: how many they have; null: not counted yet. */
export type Around = { administrators: number; environments: number | null }

/** True if nobody else could look after the lab without this person. Pure. */
export function isLastAdministrator(
  { role, disabled }: Pick<User, 'role' | 'disabled'>,
  { administrators }: Pick<Around, 'administrators'>,
): boolean {
  return role === 'admin' && !disabled && administrators <= 1
}

/** The acts on a person's account, each with the reason why the service would refuse it, or null. Pure. */
export function offeredFor(
  person: Pick<User, 'role' | 'disabled'>,
  around: Pick<Around, 'administrators'>,
): PersonOffer[] {
  const last = isLastAdministrator(person, around) ? 'isLastAdministrator' : null
  return [
    { act: 'invite', hindrance: person.disabled ? 'isDisabled' : null },
    { act: 'edit', hindrance: null },
    person.disabled ? { act: 'enable', hindrance: null } : { act: 'disable', hindrance: last },
    { act: 'delete', hindrance: last },
  ]
}

/** How many could look after the lab. Pure. */
export function countAdministrators(people: readonly Pick<User, 'role' | 'disabled'>[]): number {
  return people.filter(({ role, disabled }) => role === 'admin' && !disabled).length
}

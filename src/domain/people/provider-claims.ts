import { Problem } from '../problem.ts'
import type { Role } from './account.ts'
import { type UserId, userId, userIdRule } from './user-id.ts'

/** What an identity provider says of a person. Their `subject` never changes and is never given to another; the rest may be. */
export type Claims = { subject: string; [claim: string]: unknown }

/** What a provider's groups decide. Null: they do not decide it. */
export type GroupRules = {
  groupsClaim: string
  /** Only members of one of these may sign in. */
  allowed: readonly string[] | null
  /** Members of one of these are administrators, all others are not. */
  administrators: readonly string[] | null
  /** The first group that a person is in gives them its tier. */
  tiers: readonly { group: string; tier: string }[] | null
}

/** The role and the tier that a person's groups give them; each is absent if groups do not decide it. */
export type RightsByGroups = { role?: Role; tier?: string }

/** @throws Problem sign-in-failed for a person who is in no group that may sign in, or whose groups the provider did not send */
export function rightsByGroups(claims: Claims, rules: GroupRules): RightsByGroups {
  const { allowed, administrators, tiers } = rules
  if (!allowed && !administrators && !tiers) return {}
  const groups = groupsIn(claims, rules.groupsClaim)
  if (allowed && !allowed.some((each) => groups.has(each))) {
    throw new Problem('sign-in-failed', 'You are in no group that may use this lab. Ask an administrator of the lab.')
  }
  return {
    ...(administrators && { role: administrators.some((each) => groups.has(each)) ? 'admin' : 'user' }),
    ...(tiers && { tier: tiers.find(({ group }) => groups.has(group))?.tier ?? 'default' }),
  }
}

function groupsIn(claims: Claims, name: string): ReadonlySet<unknown> {
  const value = claims[name]
  if (value === undefined && isNamedElsewhere(claims, name)) {
    throw new Problem(
      'sign-in-failed',
      'Your sign-in came without your groups, because there are too many of them. An administrator lets the identity provider send only the groups of this lab.',
    )
  }
  return new Set([value].flat())
}

/** The provider sends the address of a claim in place of the claim (OpenID Connect Core, 5.6.2): this is no empty list. */
function isNamedElsewhere({ _claim_names: names }: Claims, name: string): boolean {
  return typeof names === 'object' && names !== null && Object.hasOwn(names, name)
}

/** The user id in a claim. @throws Problem sign-in-failed, with the rule that it breaks */
export function idInClaim(claims: Claims, claim: string): UserId {
  const value = claims[claim]
  if (typeof value !== 'string') {
    throw new Problem('sign-in-failed', `Your sign-in came without the claim "${claim}", which is to be your user id.`)
  }
  // One provider sends the word in place of the value.
  if (claim === 'email' && [false, 'false'].includes(claims.email_verified as boolean | string)) {
    throw new Problem('sign-in-failed', 'Your mail address is not verified yet. Verify it where you just signed in.')
  }
  const id = userId.safeParse(value)
  if (id.success) return id.data
  throw new Problem('sign-in-failed', `Your "${claim}" cannot be a user id here. ${userIdRule}`)
}

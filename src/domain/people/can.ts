import { Problem } from '../problem.ts'
import type { Caller } from './account.ts'
import { excessOf, type Grant } from './grant.ts'
import { includesPart, type Part } from './scope.ts'
import type { UserId } from './user-id.ts'

/**
 * The right that an action needs: one of these scopes, or a scope that includes one, and a person in that relation to the
 * thing. Without scopes, no narrowed token may do it.
 */
type Need = { scopes: readonly Part[]; who: 'anyone' | 'owner' | 'admitted' | 'administrator' }

/**
 * All actions that a door may ask for. An administrator may do what an owner may. `docs/access.md` has this table too.
 */
export const actions = {
  'template:see': { scopes: ['environments:read'], who: 'anyone' },
  'environment:see': { scopes: ['environments:read'], who: 'owner' },
  'environment:open': { scopes: ['environments:open'], who: 'owner' },
  'environment:create': { scopes: ['environments:write'], who: 'owner' },
  'environment:change': { scopes: ['environments:write'], who: 'owner' },
  'shared-file:see': { scopes: ['files:read'], who: 'anyone' },
  'shared-file:change': { scopes: ['files:write'], who: 'admitted' },
  'file:see': { scopes: ['files:read'], who: 'owner' },
  'file:change': { scopes: ['files:write'], who: 'owner' },
  'job:see': { scopes: ['files:read', 'admin'], who: 'owner' },
  'job:cancel': { scopes: ['files:write', 'admin'], who: 'owner' },
  'token:see': { scopes: ['tokens'], who: 'owner' },
  'token:issue': { scopes: ['tokens'], who: 'owner' },
  'token:revoke': { scopes: ['tokens'], who: 'owner' },
  'session:see': { scopes: [], who: 'owner' },
  'session:end': { scopes: [], who: 'owner' },
  'password:set': { scopes: [], who: 'owner' },
  'invitation:make': { scopes: [], who: 'administrator' },
  'metrics:read': { scopes: ['metrics', 'admin'], who: 'administrator' },
  'usage:see': { scopes: ['environments:read', 'admin'], who: 'owner' },
  'lab:administer': { scopes: ['admin'], who: 'administrator' },
  'users:manage': { scopes: ['admin'], who: 'administrator' },
  'usage:survey': { scopes: ['admin'], who: 'administrator' },
  'machine:see': { scopes: ['admin'], who: 'administrator' },
  'data:prove': { scopes: ['admin'], who: 'administrator' },
  'container:adopt': { scopes: ['admin'], who: 'administrator' },
  'container:replace': { scopes: ['admin'], who: 'administrator' },
  'backup:manage': { scopes: ['admin'], who: 'administrator' },
  'host-path:see': { scopes: ['admin'], who: 'administrator' },
  'request:for-many': { scopes: ['environments:read', 'admin'], who: 'administrator' },
} as const satisfies Record<string, Need>

export type Action = keyof typeof actions

/**
 * The thing that an action is about. Without `owner`: the things of everybody. `admits`: whether an administrator has opened it
 * to the caller. `credential`: an existing one, or one to be made.
 */
export type Resource = { owner?: UserId; admits?: boolean; credential?: Grant & { id: string } }

type Hindrance = 'person' | 'scope' | 'credential'

/**
 * Whether a caller may do the action to the resource. This is the service's only rule about rights; every door asks it.
 * Pure.
 */
export function can(caller: Caller, action: Action, resource: Resource = {}): boolean {
  return hindranceOf(caller, action, resource) === null
}

/**
 * Why a caller may not do it; null if they may. `person` comes first: a caller learns nothing else about another
 * person's things.
 */
export function hindranceOf(
  caller: Caller,
  action: Action,
  { owner, admits, credential }: Resource = {},
): Hindrance | null {
  const { who, scopes }: Need = actions[action]
  if (caller.role !== 'admin' && !isEntitled()) return 'person'
  const isOwnCredential = credential?.id === caller.credentialId
  if (isOwnCredential && action === 'token:revoke') return null // whatever its scopes
  const { scopes: held } = caller
  if (held && !scopes.some((part) => includesPart(held, part))) return 'scope'
  if (credential && !isOwnCredential && excessOf(caller, credential)) return 'credential'
  return null

  function isEntitled(): boolean {
    if (who === 'owner') return owner === caller.userId
    return who === 'anyone' || (who === 'admitted' && admits === true)
  }
}

/** @throws Problem forbidden, in the words `notTheirs` if the person has no right to the thing */
export function requireRight(caller: Caller, action: Action, resource: Resource, notTheirs: string): void {
  switch (hindranceOf(caller, action, resource)) {
    case 'person':
      throw new Problem('forbidden', notTheirs)
    case 'scope':
      throw missingScope(action)
    case 'credential':
      throw new Problem(
        'forbidden',
        'A token has no right over a token, session or password that gives more rights, or for longer, than it has itself.',
      )
  }
}

export function missingScope(action: Action): Problem {
  const { scopes }: Need = actions[action]
  const needed =
    scopes.length > 0 ? `it needs the scope ${scopes.join(' or ')} for this` : 'this needs one without scopes'
  return new Problem('forbidden', `This token is narrowed: ${needed}.`)
}

import { z } from 'zod'
import type { Scopes } from './scope.ts'
import type { UserId } from './user-id.ts'

export const role = z.enum(['user', 'admin'])
export type Role = z.infer<typeof role>

/** A person, as recorded. The tokens of a disabled person do not work; their environments go on. */
export type Account = { id: UserId; role: Role; tier: string; disabled: boolean; createdAt: number }

/** An API token, as recorded: of the secret, only the hash is kept. Times in milliseconds since the epoch. */
export type Token = {
  id: string
  userId: UserId
  name: string
  role: Role
  scopes: Scopes
  secretHash: string
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

/** The person who asks, with the rights of the credential that they ask with. */
export type Caller = {
  userId: UserId
  tier: string
  credentialId: string
  role: Role
  scopes: Scopes
  expiresAt: number | null
}

/** A token that works at this moment, with its owner. Every request reads it, so it has only what requests need. */
export type Standing = {
  token: Omit<Token, 'secretHash' | 'createdAt'>
  owner: Pick<Account, 'id' | 'role' | 'tier'>
}

/** The caller that a token makes. A token has the lesser of its own role and its owner's. */
export function callerFrom({ token, owner }: Standing): Caller {
  const { id, scopes, expiresAt } = token
  const role = token.role === 'admin' && owner.role === 'admin' ? 'admin' : 'user'
  return { userId: owner.id, tier: owner.tier, credentialId: id, role, scopes, expiresAt }
}

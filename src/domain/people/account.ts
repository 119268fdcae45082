import { z } from 'zod'
import type { Scopes } from './scope.ts'
import type { Session, Word } from './session.ts'
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
  kind: 'token' | 'session'
  credentialId: string
  role: Role
  scopes: Scopes
  expiresAt: number | null
}

type Owner = Pick<Account, 'id' | 'role' | 'tier'>

/** A token that works at this moment, with its owner. Every request reads it, so it has only what requests need. */
export type TokenStanding = { token: Omit<Token, 'secretHash' | 'createdAt'>; owner: Owner }

/** A session that works at this moment, with its owner. */
export type SessionStanding = { session: Omit<Session, 'secretHash' | 'client' | 'address' | keyof Word>; owner: Owner }

export type Standing = TokenStanding | SessionStanding

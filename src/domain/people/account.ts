import { z } from 'zod'
import type { UserId } from './user-id.ts'

export const role = z.enum(['user', 'admin'])
export type Role = z.infer<typeof role>

/** A person, as recorded. */
export type Account = { id: UserId; role: Role; tier: string; createdAt: number }

/** An API token, as recorded: of the secret only the hash is kept. Times in milliseconds since the epoch. */
export type Token = {
  id: string
  userId: UserId
  name: string
  role: Role
  secretHash: string
  createdAt: number
  expiresAt: number | null
}

/** Who asks. A token may have fewer rights than its owner, never more. */
export type Caller = { userId: UserId; role: Role; tier: string }

/** The rights that a token gives: the lesser of its own role and its owner's. */
export function effectiveRole(token: Pick<Token, 'role'>, owner: Pick<Account, 'role'>): Role {
  return token.role === 'admin' && owner.role === 'admin' ? 'admin' : 'user'
}

/** Whether a caller may see and change what belongs to `owner`. */
export function mayAct(caller: Caller, owner: UserId): boolean {
  return caller.role === 'admin' || caller.userId === owner
}

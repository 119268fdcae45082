import type { Caller } from '../../src/domain/people/account.ts'
import { userId } from '../../src/domain/people/user-id.ts'

/** A caller whose token is not narrowed and never expires, unless the test says otherwise. */
export function callerNamed(id: string, changes: Partial<Caller> = {}): Caller {
  const rights = { role: 'user', scopes: null, expiresAt: null } as const
  return { userId: userId.parse(id), tier: 'default', kind: 'token', credentialId: `of ${id}`, ...rights, ...changes }
}

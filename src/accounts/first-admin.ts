import type { UserId } from '../domain/people/user-id.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { newToken } from './tokens.ts'

const firstAdmin = 'admin' as UserId

/**
 * On the very first start, makes the administrator `admin` and hands its token to `deliver`. The token is delivered
 * before it is recorded: a power cut in between leaves a token that is not valid yet, and the next start replaces it.
 *
 * @returns whether it was made
 */
export async function ensureFirstAdmin(deps: {
  accounts: AccountStore
  tier: string
  clock: Clock
  deliver: (secret: string) => Promise<void>
}): Promise<boolean> {
  const { accounts, tier, clock, deliver } = deps
  if (await accounts.account(firstAdmin)) return false
  const createdAt = clock.now()
  const made = newToken({ userId: firstAdmin, name: 'first admin token', role: 'admin', expiresInMs: null }, createdAt)
  await deliver(made.secret)
  return accounts.addAccount({ id: firstAdmin, role: 'admin', tier, createdAt }, made.token)
}

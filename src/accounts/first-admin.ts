import type { Account } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import type { AccountRecords, AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import { type Invitation, makeInvitation } from './invitations.ts'
import { newToken } from './tokens.ts'
import { addAccount } from './users.ts'

const firstAdmin = 'admin' as UserId
const full = { role: 'admin', scopes: null, expiresInMs: null } as const

/**
 * On the very first start, when nobody has an account yet, makes the administrator `admin` and hands its token to `deliver`. A lab
 * that has removed `admin` keeps it removed. The token is delivered before it is recorded: a power cut in between leaves a token
 * that is not valid yet, and the next start replaces it.
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
  if ((await accounts.accounts({ limit: 1 })).length > 0) return false
  const account = { id: firstAdmin, role: 'admin', tier, disabled: false, createdAt: clock.now() } as const
  const made = newToken({ userId: account.id, name: 'first admin token', ...full }, account.createdAt)
  await deliver(made.secret)
  return accounts.together(async (records) => {
    const added = await records.addAccount(account)
    if (added) await records.addToken(made.token)
    return added
  })
}

/**
 * A link that signs the first administrator in once, for the person who started the service. Null once they have a password,
 * or if they are no administrator any more.
 */
export function inviteFirstAdmin(deps: { accounts: AccountStore; clock: Clock }): Promise<Invitation | null> {
  const { accounts, clock } = deps
  return accounts.together(async (records) => {
    const account = await records.account(firstAdmin)
    const hasPassword = (await records.passwordHash(firstAdmin)) !== null
    if (account?.role !== 'admin' || account.disabled || hasPassword) return null
    return makeInvitation(records, firstAdmin, clock.now())
  })
}

/**
 * A way back in for a lab that lost the tokens of its administrators: makes a full token for `admin`, or for another
 * administrator if `admin` is not one. If no administrator is left, `admin` becomes one again.
 */
export async function regainAccess(deps: {
  accounts: AccountStore
  clock: Clock
}): Promise<{ account: Account; secret: string }> {
  const { accounts, clock } = deps
  const now = clock.now()
  return accounts.together(async (records) => {
    const administrators = await records.administrators()
    const account =
      administrators.find(({ id }) => id === firstAdmin) ?? administrators[0] ?? (await restored(records, now))
    const { token, secret } = newToken({ userId: account.id, name: 'ailab token --admin', ...full }, now)
    await records.addToken(token)
    return { account, secret }
  })
}

async function restored(records: AccountRecords, now: number): Promise<Account> {
  const changed = await records.changeAccount(firstAdmin, { role: 'admin', disabled: false })
  if (changed) return changed
  const tier = 'default' // every catalogue has it
  return await addAccount(records, { id: firstAdmin, role: 'admin', tier }, now)
}

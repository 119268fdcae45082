import type { Catalog } from '../domain/environment/catalog.ts'
import type { Account, Role } from '../domain/people/account.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'

export type Users = {
  /** @throws Problem user-exists, unknown-tier */
  add(request: { id: UserId; role: Role; tier: string }): Promise<Account>
  /** @throws Problem user-not-found */
  one(id: UserId): Promise<Account>
  /** By id; `next` is the id after which the following page begins, null at the end. */
  page(options: { after: UserId | null; limit: number }): Promise<{ items: Account[]; next: UserId | null }>
  /** @throws Problem user-not-found, unknown-tier, wrong-state for the last administrator */
  change(id: UserId, change: { role?: Role | undefined; tier?: string | undefined }): Promise<Account>
}

export function createUsers(deps: { accounts: AccountStore; catalog: Catalog; clock: Clock }): Users {
  const { accounts, catalog, clock } = deps

  function requireTier(tier: string): void {
    if (Object.hasOwn(catalog.tiers, tier)) return
    throw new Problem(
      'unknown-tier',
      `There is no tier "${tier}". There are: ${Object.keys(catalog.tiers).join(', ')}.`,
    )
  }

  async function requireAnotherAdmin(id: UserId): Promise<void> {
    const account = known(await accounts.account(id), id)
    if (account.role !== 'admin' || (await accounts.admins()) > 1) return
    throw new Problem('wrong-state', `${id} is the last administrator. Make another one first.`)
  }

  function known(account: Account | null, id: UserId): Account {
    if (account) return account
    throw new Problem('user-not-found', `There is no user ${id}.`)
  }

  return {
    async add({ id, role, tier }) {
      requireTier(tier)
      const account = { id, role, tier, createdAt: clock.now() }
      if (await accounts.addAccount(account)) return account
      throw new Problem('user-exists', `There is a user ${id} already.`)
    },
    one: async (id) => known(await accounts.account(id), id),
    async page({ after, limit }) {
      const items = await accounts.accounts({ after: after ?? undefined, limit: limit + 1 })
      const more = items.length > limit
      items.length = Math.min(items.length, limit)
      return { items, next: more ? (items.at(-1)?.id ?? null) : null }
    },
    async change(id, change) {
      if (change.tier !== undefined) requireTier(change.tier)
      if (change.role === 'user') await requireAnotherAdmin(id)
      return known(await accounts.changeAccount(id, change), id)
    },
  }
}
